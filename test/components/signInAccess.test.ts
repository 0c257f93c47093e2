import { record, reveal, runIndex, type Recording } from "./recorder";
import { parseCredential } from "../../migration/run/credentials";
import { GUID, part, written, type Written } from "./written";

const DESTINATION_TENANT = "bbbbbbbb-0000-4000-8000-000000000001";
const COPIER = "cccccccc-0000-4000-8000-000000000001";

/** Runs index.ts with accounts that refuse shared keys. */
async function run(
  source: Written,
  destination: Written,
  facts: Written = {},
  { changes = {}, preview = false }: { readonly changes?: Written; readonly preview?: boolean } = {},
): Promise<Recording> {
  const { source: from } = part("source", source);
  const { destination: to } = part("destination", { tenantId: DESTINATION_TENANT, ...destination });
  const environment = { ipRanges: ["203.0.113.7"] };
  const migration = written({ source: from, destination: to, environment, ...changes });
  const found = { kind: "StorageV2", allowSharedKeyAccess: false, publicNetworkAccess: "Enabled", ...facts };
  return await record(runIndex, {
    preview,
    config: { "landbridge:migration": JSON.stringify(migration) },
    calls: { "azure-native:storage:getStorageAccount": found },
  });
}

const NO_KEYS = { sharedKeyAccess: false };

describe("a move between storage accounts that refuse shared keys", () => {
  test("signs in on both sides, by a role each, and neither makes a token nor touches a key", async () => {
    const recording = await run(NO_KEYS, NO_KEYS);
    expect([...recording.all(":TableSas"), ...recording.all(":KeyRotation")]).toEqual([]);
    const { source, destination } = recording.one(":TableCopy").inputs;
    expect(JSON.parse(reveal(source) as string)).toMatchObject({
      version: 1,
      account: "contosotables",
      endpoint: "https://contosotables.table.core.windows.net",
      signIn: { tenantId: GUID },
    });
    expect(JSON.parse(reveal(destination) as string)).toMatchObject({
      account: "fabrikamtables", signIn: { tenantId: DESTINATION_TENANT },
    });
    expect(recording.one(":StorageAccount").inputs["allowSharedKeyAccess"]).toBe(false);
  });

  test("reads from the source and writes to the destination: each role on its own account and side", async () => {
    const recording = await run({ ...NO_KEYS, principalId: COPIER }, NO_KEYS);
    const source = recording.one(":RoleAssignment", "migration-access-source-role-copier");
    const destination = recording.one(":RoleAssignment", "migration-access-destination-role-deployer");
    expect(source.inputs).toMatchObject({
      principalId: COPIER,
      principalType: "ServicePrincipal",
      roleDefinitionId: expect.stringMatching(/76199698-9eea-4c19-bc75-cec21354c6b6$/),
      scope: expect.stringMatching(/resourceGroups\/contoso\/.*\/storageAccounts\/contosotables$/),
    });
    expect(destination.inputs).toMatchObject({
      roleDefinitionId: expect.stringMatching(/0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3$/),
      scope: expect.stringMatching(/storageAccounts\/fabrikamtables$/),
    });
    expect(source.provider).toContain("source-azure");
    expect(destination.provider).toContain("destination-azure");
    // Roles go when access does, and the opening after them.
    for (const role of [source, destination]) {
      expect(role.retainOnDelete).toBe(false);
      expect(role.dependencies.some((urn) => /NetworkOpening/.test(urn))).toBe(true);
    }
  });

  test("hands over bundles that open storage accounts, at the addresses that these tell of", async () => {
    const primaryEndpoints = { table: "https://contosotables.z1.table.storage.azure.net/" };
    const { inputs } = (await run(NO_KEYS, NO_KEYS, { primaryEndpoints })).one(":TableCopy");
    expect(parseCredential(reveal(inputs["source"]) as string, "source")).toMatchObject({
      kind: "signIn", account: "contosotables", endpoint: "https://contosotables.z1.table.storage.azure.net",
    });
    const destination = parseCredential(reveal(inputs["destination"]) as string, "destination");
    expect(destination).toMatchObject({ kind: "signIn", endpoint: "https://fabrikamtables.table.core.windows.net" });
    expect(destination).not.toHaveProperty("dialect");
  });

  test("keeps to tokens on the side that takes keys", async () => {
    const recording = await run(NO_KEYS, {});
    expect(recording.all(":TableSas").map(({ name }) => name)).toEqual(["migration-access-destination-sas"]);
    expect(recording.all(":KeyRotation").map(({ name }) => name)).toEqual(["migration-access-destination-rotate-key2"]);
  });
});

describe("a move whose configuration says nothing of shared keys", () => {
  const sidesThatSignIn = (recording: Recording) => recording.all(":SignInAccess").map(({ name }) => name).sort();

  let said: jest.SpyInstance;
  beforeEach(() => void (said = jest.spyOn(console, "log").mockImplementation(() => undefined)));
  afterEach(() => said.mockRestore());

  test("signs in where an account that is there refuses them, and says so in a line for each", async () => {
    const recording = await run({}, { existing: "account" });
    const lines = said.mock.calls.flat().map(String);
    expect(sidesThatSignIn(recording)).toEqual(["migration-access-destination", "migration-access-source"]);
    expect([...recording.all(":TableSas"), ...recording.all(":KeyRotation")]).toEqual([]);
    expect(recording.calls.filter(({ token }) => /listKeys/i.test(token))).toEqual([]);
    const [source, destination] = ["contosotables", "fabrikamtables"].map((account) => {
      return lines.filter((line) => line.includes(account) && line.includes("signs in there by Entra ID"));
    });
    expect(source).toEqual([expect.stringContaining("Write source.sharedKeyAccess: false")]);
    expect(destination).toEqual([expect.stringContaining("Write destination.sharedKeyAccess: false")]);
    // No key of such an account may be borrowed for a preview.
    const { sourceAccount, destinationAccount } = recording.one(":TableCopy").inputs;
    expect({ sourceAccount, destinationAccount }).toEqual({});
  });

  test("keeps to tokens where the accounts take keys, or say nothing of them", async () => {
    for (const allowSharedKeyAccess of [true, undefined]) {
      const recording = await run({}, { existing: "account" }, { allowSharedKeyAccess });
      expect(sidesThatSignIn(recording)).toEqual([]);
      expect(recording.all(":TableSas")).toHaveLength(2);
    }
  });

  test("takes keys in a destination that it makes, and asks nobody about an account that is not there", async () => {
    const recording = await run(NO_KEYS, {});
    expect(recording.one(":StorageAccount").inputs["allowSharedKeyAccess"]).toBe(true);
    expect(sidesThatSignIn(recording)).toEqual(["migration-access-source"]);
    expect(recording.calls.filter(({ token }) => token.endsWith("getStorageAccount"))).toHaveLength(1);
  });

  test("decides the same in a preview", async () => {
    const recording = await run({}, { existing: "account" }, {}, { preview: true });
    expect(sidesThatSignIn(recording)).toEqual(["migration-access-destination", "migration-access-source"]);
  });

  test.each([
    ["all tables", { tables: "all" }, /tables: "all" needs a key of the source, and the source refuses shared keys/],
    ["a job in Azure", {
      phase: "sync", schedule: { kind: "containerJob", image: "r.example/landbridge:1.0.0" },
    }, /schedule\.kind: containerJob copies as an identity of the destination's tenant/],
  ])("refuses %s where the source alone says that no key opens it", async (_what, changes, expected) => {
    await expect(run({}, {}, {}, { changes })).rejects.toThrow(expected);
  });
});
