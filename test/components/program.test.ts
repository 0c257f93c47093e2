import type * as pulumi from "@pulumi/pulumi";
import { hidesInSecrets, record, runIndex, treeOf, valueOf, type Answers, type Recording } from "./recorder";
import { yaml, type Written } from "./written";

const DEV = yaml("Pulumi.dev.yaml").config["landbridge:migration"] as Written;

type Outputs = Readonly<Record<string, pulumi.Output<unknown> | undefined>>;

type Run = Recording & { readonly outputs: Outputs };

/** Runs index.ts as a stack with the configuration of `dev`, changed a little, would. */
async function run(changes: Written = {}, answers: Answers = {}): Promise<Run> {
  const config = { "landbridge:migration": JSON.stringify({ ...DEV, ...changes }), ...answers.config };
  let outputs: Outputs = {};
  const load = async () => void (outputs = await runIndex<Outputs>());
  const recording = await record(load, { ...answers, config });
  return { ...recording, outputs };
}

/** A resource and all below it. */
function subtree({ resources }: Recording, urn: string): readonly string[] {
  const children = resources.filter(({ parent }) => parent === urn);
  return [urn, ...children.flatMap((child) => subtree({ resources } as Recording, child.urn))];
}

const TEMPORARY = /KeyRotation|NetworkOpening|TableSas|TableCopy|TableVerification|keyvault|RoleAssignment/;

describe("the program", () => {
  let open: Run;
  beforeAll(async () => {
    open = await run();
  });

  test("declares both sides, the migration and the vault", () => {
    expect(treeOf(open).filter((line) => line.endsWith("< -"))).toEqual([
      "ExistingAccount source < -",
      "MigrationVault landbridge < -",
      "StorageDestination destination < -",
      "TableMigration migration < -",
      "azure-native destination-azure < -",
      "azure-native source-azure < -",
    ]);
  });

  test("gives each side the provider of its own tenant, and leaves nothing to the ambient one", () => {
    const provider = open.one("pulumi:providers:azure-native", "destination-azure");
    expect(provider.inputs["tenantId"]).toMatch(/^bbbbbbbb/);
    const cloud = open.resources.filter(({ type }) => type.startsWith("azure-native:"));
    expect(cloud.length).toBeGreaterThan(6);
    for (const resource of cloud) expect(resource.provider).toContain(provider.urn);
    const asked = open.calls.map((call) => `${call.token.split(":").at(-1)} ${call.provider?.split("::").at(-2)}`);
    expect(asked.sort()).toEqual(["getClientConfig destination-azure", "getStorageAccount source-azure"]);
  });

  test("keeps the destination when it is destroyed, and nothing temporary with it", () => {
    const kept = open.resources.filter(({ retainOnDelete }) => retainOnDelete);
    expect(kept.map(({ name }) => name).sort()).toEqual([
      "destination-account",
      "destination-audit",
      "destination-group",
      "destination-logs",
    ]);
    // Pulumi's children inherit retainOnDelete and protect from their parents.
    const inherits = new Set(kept.flatMap(({ urn }) => subtree(open, urn)));
    const temporary = open.resources.filter(({ type }) => TEMPORARY.test(type));
    expect(temporary.length).toBeGreaterThan(10);
    for (const { urn } of temporary) expect(inherits.has(urn)).toBe(false);
    expect(open.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  test("lets the destination go only with destroyDestination", async () => {
    const recording = await run({ destroyDestination: true });
    expect(recording.resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
  });

  test("closed: all temporary access goes, copy and verification freeze, the destination stays managed", async () => {
    const closed = await run({ temporaryAccess: "closed" });
    const gone = open.resources.filter(({ urn }) => !closed.resources.some((resource) => resource.urn === urn));
    expect(new Set(gone.map(({ type }) => type.split(":").at(-1)))).toEqual(
      new Set([
        ...["KeyRotation", "NetworkOpening", "TableSas", "AccountAccess", "TemporaryAccess"],
        ...["MigrationVault", "Vault", "Secret", "RoleAssignment", "ExistingAccount", "azure-native"],
      ]),
    );
    expect(gone.filter(({ type }) => type.endsWith("azure-native")).map(({ name }) => name)).toEqual(["source-azure"]);
    expect(closed.one(":TableCopy").inputs["frozen"]).toBe(true);
    expect(closed.calls).toEqual([]);
    // Not even as undefined: Pulumi warns of that.
    expect(Object.keys(closed.outputs).sort()).toEqual(["lastPlan", "reportPath", "summary", "verdict", "verifiedAt"]);
  });

  test("makes no vault where none is wanted", async () => {
    const recording = await run({ vault: false });
    expect(recording.all(":Vault")).toEqual([]);
    expect(Object.keys(recording.outputs)).not.toContain("vaultName");
  });

  test("shows no credential: bundles are secret outputs, and nothing else holds one", async () => {
    for (const name of ["sourceBundle", "destinationBundle"]) {
      const output = open.outputs[name] as pulumi.Output<string>;
      await expect((output as unknown as { isSecret: Promise<boolean> }).isSecret).resolves.toBe(true);
    }
    const shown = ["summary", "verdict", "reportPath", "lastPlan", "accessExpiresOn", "keysToRotate", "sourceGrant"];
    for (const name of shown) {
      const value = await valueOf(open.outputs[name] as pulumi.Output<unknown>);
      expect(value).toBeDefined();
      expect(JSON.stringify(value)).not.toContain("TOPSECRET");
    }
    for (const { inputs } of open.resources) expect(hidesInSecrets(inputs, "TOPSECRET")).toBe(true);
    for (const outputs of open.registered.values()) expect(hidesInSecrets(outputs, "TOPSECRET")).toBe(true);
  });

  test("a preview of a new stack knows which keys will rotate", async () => {
    const { outputs } = await run({}, { preview: true });
    const keys = await valueOf(outputs["keysToRotate"] as pulumi.Output<unknown>);
    expect(keys).toEqual(["key2 of contosotables", "key2 of fabrikamtables"]);
  });

  test("declares nothing at all while the configuration is wrong", async () => {
    const failing = run({ deletes: "yes", source: { account: "fabrikamtables" } });
    await expect(failing).rejects.toThrow(/4 mistakes in the stack's configuration/);
  });
});
