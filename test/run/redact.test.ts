import fc from "fast-check";

import { redactor, secretsIn } from "../../migration/run/redact";

const KEY = Buffer.from("\u00ff".repeat(32), "latin1").toString("base64") + Buffer.from("x").toString("base64");
const ACCOUNT_KEY = Buffer.alloc(64, 7).toString("base64");
const redact = redactor([]);

describe("the redactor", () => {
  it.each([
    ["a SAS in a URL", `GET https://c.table.core.windows.net/T?sv=1&sig=${encodeURIComponent(KEY)}&se=2`, "&se=2"],
    ["a SAS at the end", `?sig=${KEY}`, "?sig="],
    ["a SAS that was encoded once more", `url=https%3A%2F%2Fc%3Fsv%3D1%26sig%3D${KEY.replace(/=/g, "%3D")}`, "url="],
    ["a SAS inside JSON", JSON.stringify({ url: `x?sig=${KEY}&st=1` }), "st=1"],
    ["an account key", `AccountName=contoso;AccountKey=${KEY};EndpointSuffix=x`, "EndpointSuffix=x"],
    ["a connection string's SAS", `SharedAccessSignature=sv=1&sig=${KEY}`, ""],
    ["a signed header", `Authorization: SharedKeyLite contoso:${KEY}`, "SharedKeyLite contoso:"],
    ["a bearer token", `authorization: Bearer ${KEY.replace(/[+/]/g, "_")}`, "Bearer "],
    ["a private key", `a key -----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY----- there`, " there"],
    ["a bare account key, by its looks", `the key is ${ACCOUNT_KEY}.`, "the key is"],
  ])("hides %s and nothing else", (_, text, kept) => {
    const shown = redact(text);
    expect(shown).toContain("[redacted]");
    expect(shown).toContain(kept);
    for (const secret of [KEY, ACCOUNT_KEY, KEY.replace(/[+/]/g, "_"), encodeURIComponent(KEY)]) {
      expect(shown).not.toContain(secret);
    }
  });

  it.each([
    "Every row is equal.", "Copying 1 of 2 tables | 5 in flight", "sha256:" + "a1".repeat(32),
    "v1:00112233445566778899aabbccddeeff", "signature sign design", "no signature (?sv=...&sig=...). Copy all.",
  ])("leaves %j alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("leaves the sentence around a secret as it is", () => {
    expect(redact("names (?sig=YWJjZGVmZ2g%3D), which")).toBe("names (?sig=[redacted]), which");
    expect(redact("names ?sig=...YWJjZGVmZ2g%3D, which")).toBe("names ?sig=[redacted], which");
  });

  it("hides the secrets of this run's credentials wherever and however they appear", () => {
    const signature = "q8/Zk+aa9v==";
    const known = secretsIn(`https://c/?sv=1&sig=${encodeURIComponent(signature)}`);
    const hide = redactor(known);
    expect(hide(`a service said ${signature} and ${encodeURIComponent(signature)} aloud`))
      .toBe("a service said [redacted] and [redacted] aloud");
  });

  it("finds the secrets of any credential, and survives any text", () => {
    const base64 = fc.uint8Array({ minLength: 9, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    fc.assert(fc.property(base64, fc.string({ unit: "binary" }), (secret, around) => {
      expect(secretsIn(`AccountName=contoso;AccountKey=${secret};X=1`)).toContain(secret);
      expect(secretsIn(`?sv=1&sig=${encodeURIComponent(secret)}`)).toContain(secret);
      expect(redactor([secret])(around + secret + around)).not.toContain(secret);
      expect(secretsIn(around).every((found) => found.length >= 8)).toBe(true);
    }));
  });
});
