import { ExistingAccount, refuseAccount } from "../../components/azure/existingAccount";
import { sideProvider } from "../../components/azure/sideProvider";
import { record, valueOf } from "./recorder";

const ACCOUNT = {
  kind: "azure",
  tenantId: "aaaaaaaa-0000-4000-8000-000000000001",
  subscriptionId: "aaaaaaaa-0000-4000-8000-000000000002",
  resourceGroup: "contoso-data",
  account: "contosotables",
} as const;

describe("ExistingAccount", () => {
  test("declares nothing but itself, and looks through the provider of its side, also in a preview", async () => {
    const made: ExistingAccount[] = [];
    const recording = await record(
      () => {
        const provider = sideProvider("source", ACCOUNT);
        made.push(new ExistingAccount("source", { account: ACCOUNT }, { provider }));
      },
      { preview: true },
    );
    const provider = recording.one("pulumi:providers:azure-native");
    expect(provider.name).toBe("source-azure");
    expect(provider.inputs).toMatchObject({
      tenantId: ACCOUNT.tenantId,
      subscriptionId: ACCOUNT.subscriptionId,
    });
    expect(recording.resources).toHaveLength(2);
    expect(recording.calls.map((call) => call.provider)).toEqual([expect.stringContaining(provider.urn)]);
    expect(await valueOf((made[0] as ExistingAccount).account)).toEqual(ACCOUNT);
  });
});

describe("refuseAccount", () => {
  const good = { kind: "StorageV2", allowSharedKeyAccess: true, publicNetworkAccess: "Enabled" };

  test("an account with tables, keys and a way in is fine, and so is one that says nothing of keys", () => {
    expect(refuseAccount({ account: ACCOUNT }, good)).toEqual([]);
    expect(refuseAccount({ account: ACCOUNT }, { kind: "Storage" })).toEqual([]);
  });

  test.each([
    [{ kind: "BlobStorage" }, /of kind BlobStorage, which has no tables: name an account of kind StorageV2/],
    [
      { allowSharedKeyAccess: false },
      /refuses shared keys, .* \(allowSharedKeyAccess is false\), .* sharedKeyAccess: true\. Remove that setting/,
    ],
    [{ publicNetworkAccess: "Disabled" }, /public network access is disabled: enable it/],
  ])("%j is refused with the account's name and the remedy", (facts, expected) => {
    const reasons = refuseAccount({ account: ACCOUNT }, { ...good, ...facts });
    expect(reasons).toEqual([expect.stringMatching(expected)]);
    expect(reasons[0]).toContain("contosotables");
  });

  test("an account without shared keys will do for who signs in", () => {
    expect(refuseAccount({ account: ACCOUNT, signIn: true }, { ...good, allowSharedKeyAccess: false })).toEqual([]);
  });

  test("an account without public access will do for who is in a network with a private endpoint of it", () => {
    const facts = { ...good, publicNetworkAccess: "Disabled" };
    expect(refuseAccount({ account: ACCOUNT, reachedPrivately: true }, facts)).toEqual([]);
  });

  test("only a destination without public access is told of the setting that says it is reached privately", () => {
    const facts = { ...good, publicNetworkAccess: "Disabled" };
    const setting = /destination\.publicNetworkAccess: disabled/;
    expect(refuseAccount({ account: ACCOUNT, reachedPrivately: false }, facts).join()).toMatch(setting);
    expect(refuseAccount({ account: ACCOUNT }, facts).join()).not.toMatch(setting);
  });

  test("everything that is wrong is said at once", () => {
    const facts = { kind: "FileStorage", allowSharedKeyAccess: false, publicNetworkAccess: "Disabled" };
    expect(refuseAccount({ account: ACCOUNT }, facts)).toHaveLength(3);
  });
});
