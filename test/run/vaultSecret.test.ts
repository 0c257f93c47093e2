import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from "undici";
import { credentialFromEnvironment } from "../../migration/run/fromEnvironment";
import { credentialsFromInput } from "../../migration/run/fromInput";
import { readVaultSecret, realVault, type VaultPorts } from "../../migration/run/vaultSecret";

const URI = "https://landbridge1.vault.azure.net/secrets/source";

interface Asked {
  readonly url: string;
  readonly token: string;
}

/** The last status is the answer from then on. */
function vault(
  status: number | readonly number[],
  text: string,
  asked: Asked[] = [],
  waits: (number | string)[] = [],
): VaultPorts {
  const statuses = typeof status === "number" ? [status] : status;
  return {
    identity: () => Promise.resolve({
      getToken: (scope) => Promise.resolve({ token: `token for ${String(scope)}`, expiresOnTimestamp: 0 }),
    }),
    get: (url, token) => {
      asked.push({ url, token });
      return Promise.resolve({ status: statuses[Math.min(asked.length, statuses.length) - 1] ?? 500, text });
    },
    sleep: (ms) => Promise.resolve(waits.push(ms)),
    notice: (told) => void waits.push(told),
  };
}

describe("a credential in a vault", () => {
  it("is read with the ambient identity, from the vault that the reference names", async () => {
    const asked: Asked[] = [];
    const ports = vault(200, JSON.stringify({ value: "AccountName=x", id: URI }), asked);
    expect(await readVaultSecret(URI, "LANDBRIDGE_SOURCE_VAULT", ports)).toBe("AccountName=x");
    expect(asked).toEqual([{ url: `${URI}?api-version=7.4`, token: "token for https://vault.azure.net/.default" }]);
  });

  it.each([
    "http://landbridge1.vault.azure.net/secrets/source",
    "https://vault.azure.net.evil.example/secrets/source",
    "https://evil.example/secrets/source#.vault.azure.net",
    "https://user@landbridge1.vault.azure.net/secrets/source",
    "https://landbridge1.vault.azure.net/keys/source",
    "https://landbridge1.vault.azure.net/secrets/source?x=1",
    "source",
  ])("is never asked for at %s, which would get a token for vaults", async (uri) => {
    const asked: Asked[] = [];
    await expect(readVaultSecret(uri, "LANDBRIDGE_SOURCE_VAULT", vault(200, "{}", asked))).rejects.toMatchObject({
      code: "VaultReferenceInvalid",
      message: expect.stringContaining("LANDBRIDGE_SOURCE_VAULT is"),
    });
    expect(asked).toEqual([]);
  });

  it.each([
    "https://u:dG9wLXNlY3JldA==@landbridge1.vault.azure.net/secrets/x",
    "https://landbridge1.vault.azure.net/?key=dG9wLXNlY3JldA==",
    "dG9wLXNlY3JldA==",
    "key:dG9wLXNlY3JldA==",
  ])("that was written in the place of its address is not shown: %s", async (text) => {
    const error = await readVaultSecret(text, "X_VAULT", vault(200, "{}")).catch(String);
    expect(error).toMatch(/X_VAULT is .*, which is no secret's address\. Write it like https/);
    expect(error).not.toContain("dG9wLXNlY3JldA");
  });

  it.each([
    [403, "{}", /refuses this identity, or this network.*Key Vault Secrets User/],
    [404, "{}", /has no such secret/],
    [500, "{}", /answered 500/],
    [200, "{}", /holds no value/],
    [200, "<html>", /holds no value/],
  ])("that is answered with %d %s fails with a remedy", async (status, text, message) => {
    await expect(readVaultSecret(URI, "X_VAULT", vault(status, text))).rejects.toMatchObject({
      code: "VaultSecretUnreadable",
      message: expect.stringMatching(message),
    });
  });

  it("is no longer than a secret can be: of an answer that does not end nothing more is read", async () => {
    const before = getGlobalDispatcher();
    const agent = new MockAgent();
    agent.disableNetConnect();
    setGlobalDispatcher(agent);
    const body = JSON.stringify({ value: "x".repeat(256 * 1024) });
    agent.get(new URL(URI).origin).intercept({ path: "/secrets/source?api-version=7.4" }).reply(200, body);
    const attempt = readVaultSecret(URI, "X_VAULT", { ...vault(200, ""), get: realVault.get });
    await expect(attempt).rejects.toMatchObject({
      code: "VaultSecretUnreadable", message: expect.stringContaining("more than 262144 bytes"),
    });
    setGlobalDispatcher(before);
    await agent.close();
  });

  it("is waited for where a role is not known everywhere yet, and that is told once", async () => {
    const asked: Asked[] = [];
    const waits: (number | string)[] = [];
    const ports = vault([403, 403, 200], JSON.stringify({ value: "AccountName=x" }), asked, waits);
    expect(await readVaultSecret(URI, "X_VAULT", ports)).toBe("AccountName=x");
    expect(asked).toHaveLength(3);
    expect(waits).toEqual([expect.stringMatching(/\(403\).*up to 10 min/), 15_000, 15_000]);
  });

  it("is not waited for without end, and not at all where no role would help", async () => {
    const waits: (number | string)[] = [];
    await expect(readVaultSecret(URI, "X_VAULT", vault(403, "{}", [], waits))).rejects.toThrow(/\(403\)/);
    expect(waits.filter((each) => typeof each === "number")).toHaveLength(40);
    const none: (number | string)[] = [];
    await expect(readVaultSecret(URI, "X_VAULT", vault(404, "{}", [], none))).rejects.toThrow(/\(404\)/);
    expect(none).toEqual([]);
  });

  it.each([
    ["ForbiddenByRbac", 40, /refuses this identity \(403\)\. Give/, /A new role .* up to 10 min/],
    ["ForbiddenByFirewall", 4, /firewall refuses this network \(403\)\. Let/, /A new rule .* up to 1 min/],
    ["Other", 40, /refuses this identity, or this network \(403\)/, /A new role/],
  ])("that is refused by %s is asked for %d times more, and why is told", async (code, times, message, notice) => {
    const waits: (number | string)[] = [];
    const text = JSON.stringify({ error: { code: "Forbidden", message: "Caller ...", innererror: { code } } });
    await expect(readVaultSecret(URI, "X_VAULT", vault(403, text, [], waits))).rejects.toThrow(message);
    expect(waits.filter((each) => typeof each === "number")).toHaveLength(times);
    expect(waits.filter((each) => typeof each === "string")).toEqual([expect.stringMatching(notice)]);
  });

  it("is asked for as long behind a new rule, though a new role was waited for before, and both are told", async () => {
    const waits: (number | string)[] = [];
    const asked: Asked[] = [];
    const ports = vault(403, "", asked, waits);
    const refusedBy = (code: string) => JSON.stringify({ error: { innererror: { code } } });
    const get: VaultPorts["get"] = (url, token) => {
      asked.push({ url, token });
      const code = asked.length <= 6 ? "ForbiddenByRbac" : "ForbiddenByFirewall";
      const isOpen = asked.length === 10;
      const text = isOpen ? JSON.stringify({ value: "AccountName=x" }) : refusedBy(code);
      return Promise.resolve({ status: isOpen ? 200 : 403, text });
    };
    expect(await readVaultSecret(URI, "X_VAULT", { ...ports, get })).toBe("AccountName=x");
    expect(waits.filter((each) => typeof each === "string")).toEqual([
      expect.stringMatching(/A new role/), expect.stringMatching(/A new rule/),
    ]);
  });

  it("is taken from the variable that ends in _VAULT, and only where no other one is set", async () => {
    const read = (environment: Readonly<Record<string, string>>) =>
      credentialFromEnvironment(environment, "source", (uri, origin) => Promise.resolve(`${uri} by ${origin}`));
    expect(await read({ LANDBRIDGE_SOURCE_VAULT: URI })).toEqual({
      text: `${URI} by LANDBRIDGE_SOURCE_VAULT`,
      origin: `LANDBRIDGE_SOURCE_VAULT (${URI})`,
    });
    const both = read({ LANDBRIDGE_SOURCE_VAULT: URI, LANDBRIDGE_SOURCE_FILE: "f" });
    await expect(both).rejects.toThrow(/LANDBRIDGE_SOURCE_FILE and LANDBRIDGE_SOURCE_VAULT are both set/);
  });
});

describe("credentials on standard input", () => {
  it("are one JSON object with both sides", () => {
    expect(credentialsFromInput('{"source":"s","destination":"d"}\n')).toEqual({
      source: { text: "s", origin: "the source on standard input" },
      destination: { text: "d", origin: "the destination on standard input" },
    });
  });

  it.each([
    ["", /is empty/],
    ["sig=TOPSECRET", /is not JSON/],
    ['["TOPSECRET"]', /is no object/],
    ['{"source":"TOPSECRET"}', /has no text as its destination/],
    ['{"source":"TOPSECRET","destination":"d","TOPSECRET":1}', /has members besides/],
  ])("that are %j are refused, without a word of what was given", (text, reason) => {
    const attempt = () => credentialsFromInput(text);
    expect(attempt).toThrow(reason);
    expect(attempt).not.toThrow(/TOPSECRET/);
  });
});
