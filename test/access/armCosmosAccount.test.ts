import { ArmCosmosAccount } from "../../migration/access/armCosmosAccount";
import type { ArmRest } from "../../migration/access/armRest";
import { isAccountGone } from "../../migration/handlers/gone";

const REF = {
  kind: "azure", service: "cosmos", subscriptionId: "s", resourceGroup: "g", account: "fabrikam-tables",
} as const;
const PATH = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DocumentDB/databaseAccounts/fabrikam-tables";

/** An account as the management API shows it: a change takes a few looks to be through. */
class FakeAccount implements ArmRest {
  readonly calls: string[] = [];
  properties: Record<string, unknown> = { provisioningState: "Succeeded" };
  keys = { primaryMasterKey: "p1", secondaryMasterKey: "s1" };
  private looksLeft = 0;

  call(method: string, path: string, _version: string, body?: object): Promise<unknown> {
    this.calls.push(`${method} ${path.slice(PATH.length)}`);
    expect(path.startsWith(PATH)).toBe(true);
    if (path.endsWith("/listKeys")) return Promise.resolve(this.keys);
    if (path.endsWith("/tables")) return Promise.resolve({ value: [{ name: "Cities" }] });
    if (path.endsWith("/regenerateKey")) {
      expect(body).toEqual({ keyKind: "secondary" });
      this.keys = { ...this.keys, secondaryMasterKey: "s2" };
    }
    if (method !== "GET") this.looksLeft = 3;
    if (method === "PATCH") this.properties = { ...this.properties, ...(body as { properties: object }).properties };
    const settled = this.looksLeft === 0;
    if (!settled) this.looksLeft -= 1;
    const provisioningState = settled ? "Succeeded" : "Updating";
    return Promise.resolve({ properties: { ...this.properties, provisioningState } });
  }
}

function open() {
  const fake = new FakeAccount();
  let nowMs = 0;
  const clock = { now: () => nowMs, sleep: (ms: number) => Promise.resolve(void (nowMs += ms)) };
  return { fake, account: new ArmCosmosAccount(fake, REF, clock), elapsedMs: () => nowMs };
}

describe("a Cosmos DB account's management", () => {
  test("knows its two keys as key1 and key2, and regenerates the one that is meant", async () => {
    const { fake, account } = open();
    const keys = async () => (await account.listKeys()).map(({ keyName, value }) => `${keyName} ${value}`);
    expect(await keys()).toEqual(["key1 p1", "key2 s1"]);
    await account.regenerateKey("key2");
    expect(await keys()).toEqual(["key1 p1", "key2 s2"]);
    expect(fake.calls).toContain("POST /regenerateKey");
  });

  test("waits until a change is through, since another one is refused until then", async () => {
    const { account, elapsedMs } = open();
    await account.setNetworkRules({ defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }], subnetRules: [] });
    expect(elapsedMs()).toBeGreaterThan(0);
    expect(await account.getNetworkRules())
      .toEqual({ defaultAction: "Deny", ipRules: [{ value: "203.0.113.7" }], subnetRules: [] });
  });

  test("gives up on a change that never ends, with what to do", async () => {
    const { fake, account } = open();
    fake.call = () => Promise.resolve({ properties: { provisioningState: "Updating" } });
    await expect(account.getNetworkRules()).rejects.toMatchObject({ code: "AccountBusy", retryable: true });
  });

  test("stays shut when its last rule goes, since without rules and filter it would be open to everybody", async () => {
    const { fake, account } = open();
    fake.properties = { isVirtualNetworkFilterEnabled: false, ipRules: [{ ipAddressOrRange: "203.0.113.7" }] };
    const rules = await account.getNetworkRules();
    expect(rules.defaultAction).toBe("Deny");
    await account.setNetworkRules({ ...rules, ipRules: [] });
    expect(fake.properties).toMatchObject({ ipRules: [], isVirtualNetworkFilterEnabled: true });
    expect((await account.getNetworkRules()).defaultAction).toBe("Deny");
  });

  test("says that an account without rules is open, so that nothing is opened or closed for nothing", async () => {
    expect((await open().account.getNetworkRules()).defaultAction).toBe("Allow");
  });

  test("has no stored access policies and takes no SAS, and says so", async () => {
    const { account } = open();
    expect(await account.getPolicies()).toBeUndefined();
    expect(await account.allowSharedKeyAccess()).toBe(false);
    await expect(account.setPolicies()).rejects.toMatchObject({ code: "NotOnCosmos" });
    expect(await account.listTables()).toEqual(["Cities"]);
    expect(await account.tableEndpoint()).toBe("https://fabrikam-tables.table.cosmos.azure.com");
  });

  test("names the right that is missing, and tells an account that is gone", async () => {
    const { fake, account } = open();
    const failing = (statusCode: number, code: string) => {
      fake.call = () => Promise.reject(Object.assign(new Error("no"), { statusCode, code }));
    };
    failing(403, "AuthorizationFailed");
    await expect(account.listKeys()).rejects.toThrow(/Microsoft.DocumentDB\/databaseAccounts\/listKeys\/action/);
    failing(404, "ResourceNotFound");
    expect(isAccountGone(await account.listKeys().catch((error: unknown) => error))).toBe(true);
  });
});
