import { parseCredential } from "../../migration/run/credentials";
import { signInTo } from "../../migration/run/signIn";
import { authorizeWith } from "../../migration/stores/azureTables/authorize";

const ENDPOINT = "https://fabrikam.table.cosmos.azure.com";
const bundle = (changes: object = {}) =>
  JSON.stringify({ version: 1, account: "fabrikam", endpoint: ENDPOINT, signIn: { tenantId: "t" }, ...changes });

/** An identity whose tokens are good for an hour. */
function identity(clock: { nowMs: number }) {
  const asked: string[] = [];
  const getToken = (scope: string | string[]) => {
    asked.push(String(scope));
    return Promise.resolve({ token: `token-${asked.length}`, expiresOnTimestamp: clock.nowMs + 3_600_000 });
  };
  return { asked, open: () => ({ getToken }) };
}

const request = { account: "fabrikam", endpoint: ENDPOINT, dialect: "cosmos", tenantId: "t" } as const;

describe("signing in by Entra ID", () => {
  test("asks once for all requests, with the scope of the service, and anew before the token ends", async () => {
    const clock = { nowMs: 0 };
    const { asked, open } = identity(clock);
    const token = signInTo(request, open, () => clock.nowMs);
    expect(await Promise.all([token(), token(), token()])).toEqual(["token-1", "token-1", "token-1"]);
    clock.nowMs = 3_600_000 - 5 * 60_000 - 1;
    expect(token()).toBe("token-1");
    clock.nowMs += 1;
    expect(await token()).toBe("token-2");
    expect(asked).toEqual(Array(2).fill("https://cosmos.azure.com/.default"));
  });

  test("says what to do where nobody is signed in, and asks again after that", async () => {
    let fails = true;
    const getToken = () => (fails
      ? Promise.reject(new Error("CredentialUnavailable\nEnvironment: nothing\nCLI: nothing"))
      : Promise.resolve({ token: "late", expiresOnTimestamp: Date.now() + 3_600_000 }));
    const token = signInTo(request, () => ({ getToken }));
    await expect(token()).rejects.toMatchObject({ code: "SignInFailed" });
    await expect(token()).rejects.toThrow(/az login --tenant t/);
    fails = false;
    expect(await token()).toBe("late");
  });

  test("a bundle that says to sign in opens an account with a bearer token, and holds no secret", async () => {
    const credential = parseCredential(bundle(), "destination");
    expect(credential).toMatchObject({ kind: "signIn", account: "fabrikam", endpoint: ENDPOINT });
    const authorize = authorizeWith({ ...credential, kind: "signIn", token: () => Promise.resolve("abc") });
    expect(await authorize("/Cities()", "Cities")).toMatchObject({ header: "Bearer abc" });
    const held = authorizeWith({ ...credential, kind: "signIn", token: () => "held" });
    expect(held("/Cities()", "Cities")).toMatchObject({ header: "Bearer held" });
  });

  test.each([
    "https://tables.fabrikam.example",
    "https://fabrikam.table.core.windows.net.example",
    "https://faketable.core.windows.net",
    "https://table.core.windows.net",
  ])("sends no token to %s: it would open other accounts of the same identity", (endpoint) => {
    let opened = 0;
    const open = () => {
      opened += 1;
      throw new Error("An identity was opened.");
    };
    expect(() => signInTo({ ...request, endpoint }, open)).toThrow(/not an address of Azure's tables/);
    expect(opened).toBe(0);
  });

  test.each([
    "https://fabrikam.table.core.windows.net",
    "https://fabrikam-secondary.table.core.windows.net",
    "https://Fabrikam.z01.table.storage.azure.net",
    "https://fabrikam.table.core.usgovcloudapi.net",
    "http://127.0.0.1:10002/fabrikam",
  ])("signs in at %s", async (endpoint) => {
    expect(await signInTo({ ...request, endpoint }, identity({ nowMs: 0 }).open)()).toBe("token-1");
  });

  test("a bundle that points elsewhere is refused before anybody signs in", () => {
    const elsewhere = bundle({ endpoint: "https://fabrikam.attacker.example" });
    expect(() => parseCredential(elsewhere, "source")).toThrow(/not an address of Azure's tables/);
  });

  test("a bundle with both ways in, or with none, is refused", () => {
    const both = bundle({ tables: { Cities: "sig=x" } });
    expect(() => parseCredential(both, "destination")).toThrow(/both signIn and tables/);
    expect(() => parseCredential(bundle({ signIn: undefined }), "destination")).toThrow(/holds no table/);
  });
});
