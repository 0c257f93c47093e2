import { record, reveal, type Recording } from "./recorder";
import { GUID, part, written, type Written } from "./written";

const DESTINATION_TENANT = "bbbbbbbb-0000-4000-8000-000000000001";
const COPIER = "cccccccc-0000-4000-8000-000000000001";

/** Runs index.ts with accounts that refuse shared keys. */
async function run(source: Written, destination: Written, facts: Written = {}): Promise<Recording> {
  const { source: from } = part("source", source);
  const { destination: to } = part("destination", { tenantId: DESTINATION_TENANT, ...destination });
  const environment = { ipRanges: ["203.0.113.7"] };
  const migration = written({ source: from, destination: to, environment });
  const load = () => jest.isolateModules(() => void jest.requireActual("../../index"));
  const found = { kind: "StorageV2", allowSharedKeyAccess: false, publicNetworkAccess: "Enabled", ...facts };
  return await record(load, {
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

  test("keeps to tokens on the side that takes keys", async () => {
    const recording = await run(NO_KEYS, {});
    expect(recording.all(":TableSas").map(({ name }) => name)).toEqual(["migration-access-destination-sas"]);
    expect(recording.all(":KeyRotation").map(({ name }) => name)).toEqual(["migration-access-destination-rotate-key2"]);
  });
});
