import fc from "fast-check";

import { OperationalError } from "../../migration/engine/errors";
import { parseCredential } from "../../migration/run/credentials";
import type { Side } from "../../migration/run/side";

const nowMs = Date.UTC(2026, 0, 31, 12, 0, 0);
const KEY = Buffer.from("k".repeat(64)).toString("base64");
const SIGNATURE = "aGVsbG8gd29ybGQgc2lnbmF0dXJlIQ%3D%3D";
const ACCOUNT_SAS = `sv=2022-11-02&ss=t&srt=sco&sp=rl&se=2026-02-28T00:00:00Z&spr=https&sig=${SIGNATURE}`;
const TABLE_SAS = `sv=2022-11-02&tn=Cities&si=landbridge-x&spr=https&sig=${SIGNATURE}`;

const parse = (text: string, side: Side = "source") => parseCredential(text, side, { nowMs });

function refusal(text: string, side: Side = "source"): OperationalError {
  try {
    parse(text, side);
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error("The credential was accepted.");
}

const bundle = (changes: object = {}) => JSON.stringify({
  version: 1, account: "contoso", endpoint: "https://contoso.table.core.windows.net",
  expiresOn: "2026-02-28T00:00:00Z", tables: { Cities: TABLE_SAS }, ...changes,
});

describe("a credential", () => {
  const accepted: readonly (readonly [string, string, object])[] = [
    ["is the portal's connection string",
      `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://contoso.table.core.windows.net", key: KEY }],
    ["is a connection string in another order and case, with parts that tables do not need",
      ` accountkey=${KEY} ; BlobEndpoint=https://contoso.blob.core.windows.net/;ACCOUNTNAME=contoso;`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://contoso.table.core.windows.net", key: KEY }],
    ["is Cosmos DB's connection string",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=https://contoso.table.cosmos.azure.com:443/;`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://contoso.table.cosmos.azure.com", key: KEY }],
    ["is that of an emulator of Cosmos DB, whose address does not say what it speaks",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=http://localhost:8902/contoso;Dialect=cosmos`,
      { kind: "sharedKey", endpoint: "http://localhost:8902/contoso", key: KEY, dialect: "cosmos" }],
    ["is another cloud's", `AccountName=contoso;AccountKey=${KEY};EndpointSuffix=core.chinacloudapi.cn`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://contoso.table.core.chinacloudapi.cn", key: KEY }],
    ["is an emulator's, over plain HTTP on loopback",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=http://127.0.0.1:10002/contoso`,
      { kind: "sharedKey", account: "contoso", endpoint: "http://127.0.0.1:10002/contoso", key: KEY }],
    ["is the emulators' own shortcut", "UseDevelopmentStorage=true",
      { kind: "sharedKey", account: "devstoreaccount1", endpoint: "http://127.0.0.1:10002/devstoreaccount1" }],
    ["is an account behind a domain of its own",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=https://tables.contoso.example`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://tables.contoso.example", key: KEY }],
    ["is read at the second copy of a geo-redundant account, and signed by the account's own name",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=https://contoso-secondary.table.core.windows.net`,
      { kind: "sharedKey", account: "contoso", endpoint: "https://contoso-secondary.table.core.windows.net" }],
    ["is of an account whose host ends in the dot of DNS, and is called without it",
      `https://contoso.table.core.windows.net./?${ACCOUNT_SAS}`,
      { kind: "accountSas", account: "contoso", endpoint: "https://contoso.table.core.windows.net" }],
    ["is a connection string with a SAS",
      `TableEndpoint=https://contoso.table.core.windows.net;SharedAccessSignature=${ACCOUNT_SAS}`,
      { kind: "accountSas", account: "contoso", endpoint: "https://contoso.table.core.windows.net", sas: ACCOUNT_SAS }],
    ["is an account SAS URL", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS}`,
      { kind: "accountSas", account: "contoso", endpoint: "https://contoso.table.core.windows.net", sas: ACCOUNT_SAS }],
    ["is an account SAS URL of an emulator", `http://127.0.0.1:10002/contoso?${ACCOUNT_SAS}`,
      { kind: "accountSas", account: "contoso", endpoint: "http://127.0.0.1:10002/contoso", sas: ACCOUNT_SAS }],
    ["is a table SAS URL", `https://contoso.table.core.windows.net/Cities?${TABLE_SAS}`,
      { kind: "tableSas", account: "contoso", endpoint: "https://contoso.table.core.windows.net",
        tables: new Map([["Cities", TABLE_SAS]]) }],
    ["is a bundle", bundle(),
      { kind: "tableSas", account: "contoso", endpoint: "https://contoso.table.core.windows.net",
        tables: new Map([["Cities", TABLE_SAS]]) }],
    ["is a bundle whose tokens begin with a question mark", bundle({ tables: { Cities: `?${TABLE_SAS}` } }),
      { kind: "tableSas", tables: new Map([["Cities", TABLE_SAS]]) }],
    ["may come with a byte order mark and blank lines", `\uFEFF\n${bundle()}\n\n`, { kind: "tableSas" }],
  ];
  it.each(accepted)("%s", (_, text, credential) => {
    expect(parse(text)).toMatchObject(credential);
  });

  const refused: readonly (readonly [string, string, string, RegExp])[] = [
    ["is there", "  \n", "CredentialMissing", /it is empty/],
    ["is more than a word", "contoso", "ConnectionStringInvalid", /part 1 of the connection string/],
    ["is not a key alone", KEY, "ConnectionStringInvalid", /part 1/],
    ["has no unknown parts", `AccountName=contoso;AccountKey=${KEY};Colour=red`, "ConnectionStringInvalid", /part 3/],
    ["has each part once", `AccountName=contoso;AccountName=contoso;AccountKey=${KEY}`, "ConnectionStringInvalid",
      /AccountName stands twice/],
    ["says a dialect that is known", `AccountKey=${KEY};TableEndpoint=http://localhost:1/contoso;Dialect=mongo`,
      "ConnectionStringInvalid", /Dialect is storage or cosmos/],
    ["leaves the dialect to hosts that say it",
      `AccountKey=${KEY};TableEndpoint=https://contoso.table.core.windows.net;Dialect=cosmos`,
      "ConnectionStringInvalid", /emulators on this machine/],
    ["names an account", `AccountKey=${KEY}`, "ConnectionStringInvalid", /AccountName or TableEndpoint is missing/],
    ["names a possible account", `AccountName=Contoso_1;AccountKey=${KEY}`, "ConnectionStringInvalid",
      /3 to 24 lower-case/],
    ["has a key or a SAS", "AccountName=contoso", "ConnectionStringInvalid", /neither AccountKey nor/],
    ["has not both", `AccountName=contoso;AccountKey=${KEY};SharedAccessSignature=${ACCOUNT_SAS}`,
      "ConnectionStringInvalid", /both there/],
    ["has a whole key", `AccountName=contoso;AccountKey=${KEY.slice(0, -3)}`, "AccountKeyInvalid", /has 85 characters/],
    ["has a key of base64", `AccountName=contoso;AccountKey=${"-".repeat(88)}`,
      "AccountKeyInvalid", /not whole base64/],
    ["has an endpoint that is a URL", `AccountName=contoso;AccountKey=${KEY};TableEndpoint=contoso`,
      "EndpointInvalid", /TableEndpoint is not a URL/],
    ["has an endpoint of the account it names",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=https://fabrikam.table.core.windows.net`,
      "AccountMismatch", /says account contoso, and its endpoint belongs to fabrikam/],
    ["has an endpoint without a table",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=https://contoso.table.core.windows.net/Cities`,
      "EndpointInvalid", /holds a path/],
    ["does not travel in the clear",
      `AccountName=contoso;AccountKey=${KEY};TableEndpoint=http://contoso.table.core.windows.net`,
      "InsecureEndpoint", /plain HTTP to contoso.table.core.windows.net/],
    ["does not travel in the clear by protocol either",
      `DefaultEndpointsProtocol=http;AccountName=contoso;AccountKey=${KEY}`, "InsecureEndpoint", /plain HTTP/],
    ["does not travel in the clear to a host that only looks like loopback",
      `http://127.0.0.1.evil.example/?${TABLE_SAS}`, "InsecureEndpoint", /plain HTTP/],
    ["does not travel to localhost's namesake", `http://localhost.evil.example/?${TABLE_SAS}`, "InsecureEndpoint",
      /plain HTTP/],
    ["needs a SAS in its URL", "https://contoso.table.core.windows.net", "SasInvalid", /no shared access signature/],
    ["needs a signature", "https://contoso.table.core.windows.net/?sv=1&ss=t&srt=o&sp=r", "SasInvalid", /no signature/],
    ["needs an unbroken SAS", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS.replace("&se", "& se")}`,
      "SasInvalid", /broken by a space/],
    ["needs a SAS for tables", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS.replace("ss=t", "ss=bf")}`,
      "SasInvalid", /lack "t"/],
    ["needs an account or table SAS", `https://contoso.table.core.windows.net/?sv=1&sp=r&sig=${SIGNATURE}`,
      "SasInvalid", /neither an account SAS/],
    ["has not expired", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS.replace("02-28", "01-30")}`,
      "SasExpired", /expired at 2026-01-30T00:00:00.000Z/],
    ["has begun", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS}&st=2026-02-01T00:00Z`, "SasNotYetValid",
      /not valid before 2026-02-01T00:00:00.000Z/],
    ["has readable times", `https://contoso.table.core.windows.net/?${ACCOUNT_SAS.replace("2026-02-28", "soon")}`,
      "SasInvalid", /\(se\)/],
    ["belongs to the table of its URL", `https://contoso.table.core.windows.net/Orders?${TABLE_SAS}`, "SasInvalid",
      /names table Orders, and the SAS is for Cities/],
    ["is for the account where its URL is", `https://contoso.table.core.windows.net/Cities?${ACCOUNT_SAS}`,
      "SasInvalid", /ends in Cities/],
    ["holds no password in its URL", `https://user:pw@contoso.table.core.windows.net/?${ACCOUNT_SAS}`,
      "EndpointInvalid", /user name/],
    ["is whole JSON", bundle().slice(0, -2), "BundleInvalid", /not JSON/],
    ["is a bundle of a known version", bundle({ version: 2 }), "BundleInvalid", /wrong at version/],
    ["is a bundle with tables", bundle({ tables: {} }), "BundleInvalid", /holds no table/],
    ["is a bundle with tokens", bundle({ tables: { Cities: 7 } }), "BundleInvalid", /wrong at tables/],
    ["is a bundle that is still valid", bundle({ expiresOn: "2026-01-30T00:00:00Z" }), "SasExpired", /bundle expired/],
    ["is a bundle of the account it names", bundle({ account: "fabrikam" }), "AccountMismatch",
      /says account fabrikam/],
    ["is a bundle whose tokens are where they belong", bundle({ tables: { Orders: TABLE_SAS } }), "BundleInvalid",
      /SAS of table Orders is for another one, Cities/],
    ["is a shortcut alone", `UseDevelopmentStorage=true;AccountKey=${KEY}`, "ConnectionStringInvalid", /stands alone/],
  ];
  it.each(refused)("%s, or is refused", (_, text, code, message) => {
    const error = refusal(text, "destination");
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^LANDBRIDGE_DESTINATION: /);
  });

  it("is given a minute of grace either way, since clocks differ", () => {
    const url = (fields: string) => `https://contoso.table.core.windows.net/?${TABLE_SAS}&${fields}`;
    expect(parse(url("se=2026-01-31T11:59:30Z"))).toMatchObject({ kind: "tableSas" });
    expect(parse(url("st=2026-01-31T12:00:30Z"))).toMatchObject({ kind: "tableSas" });
    expect(refusal(url("se=2026-01-31T11:58:30Z")).code).toBe("SasExpired");
    expect(refusal(url("st=2026-01-31T12:01:30Z")).code).toBe("SasNotYetValid");
  });

  it("is called by where it came from", () => {
    const options = { origin: "the source bundle", nowMs };
    expect(() => parseCredential("x", "source", options)).toThrow(/^the source bundle: /);
  });
});

describe("no secret leaks", () => {
  const base64 = fc.uint8Array({ minLength: 30, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString("base64"));
  /** Everything an error could carry out: message, stack, cause, own properties. */
  const surface = (error: Error) => [
    error.message, error.stack ?? "", String(error.cause), JSON.stringify(error), JSON.stringify(error.cause) ?? "",
  ].join("\n");

  function expectHidden(text: string, secret: string): void {
    let shown = "";
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      shown = surface(error);
    }
    for (const form of [secret, encodeURIComponent(secret), secret.slice(0, 12), secret.slice(-12)]) {
      expect(shown).not.toContain(form);
    }
  }

  const damage = fc.oneof(
    fc.record({ kind: fc.constant("cut" as const), at: fc.nat(400), with: fc.constant("") }),
    fc.record({ kind: fc.constant("insert" as const), at: fc.nat(400),
      with: fc.constantFrom(";", "=", " ", "&", "?", "\n", "{", "}", "\"", "://", "#", "@", "%", "\u0000") }),
    fc.record({ kind: fc.constant("remove" as const), at: fc.nat(400), with: fc.constant("") }),
  );

  function damaged(text: string, changes: readonly { kind: string; at: number; with: string }[]): string {
    return changes.reduce((rest, { kind, at, with: what }) => {
      const place = rest.length === 0 ? 0 : at % rest.length;
      if (kind === "cut") return rest.slice(place);
      if (kind === "remove") return rest.slice(0, place) + rest.slice(place + 1);
      return rest.slice(0, place) + what + rest.slice(place);
    }, text);
  }

  const templates: readonly (readonly [string, (secret: string) => string])[] = [
    ["connection strings", (secret) => `AccountName=contoso;AccountKey=${secret};EndpointSuffix=core.windows.net`],
    ["keys in the place of names", (secret) => `AccountName=${secret};AccountKey=${secret}`],
    ["keys pasted alone", (secret) => secret],
    ["keys in the place of endpoints", (secret) => `AccountName=contoso;TableEndpoint=${secret};AccountKey=${secret}`],
    ["SAS URLs", (secret) => `https://contoso.table.core.windows.net/?sv=1&ss=t&srt=o&sp=r&sig=${
      encodeURIComponent(secret)}`],
    ["SAS URLs to nowhere", (secret) => `http://contoso.example/Cities?tn=Cities&sig=${encodeURIComponent(secret)}`],
    ["passwords in URLs", (secret) => `https://contoso:${encodeURIComponent(secret)}@contoso.example/?sig=x`],
    ["bundles", (secret) => bundle({ tables: { Cities: `sv=1&tn=Cities&sig=${encodeURIComponent(secret)}` } })],
    ["bundles with tokens for names", (secret) => bundle({ tables: { [`sig=${secret}`]: secret } })],
    ["bundles with tokens in odd places", (secret) => bundle({ account: secret, endpoint: secret, [secret]: secret })],
  ];
  it.each(templates)("out of %s, however they are damaged", (_, template) => {
    fc.assert(fc.property(base64, fc.array(damage, { maxLength: 3 }), (secret, changes) => {
      expectHidden(damaged(template(secret), changes), secret);
    }), { numRuns: 300 });
  });
});
