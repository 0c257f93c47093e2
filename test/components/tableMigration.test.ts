import { TableMigration, type TableMigrationArgs } from "../../components/tableMigration";
import { isSecret, record, reveal, treeOf, valueOf, type Answers, type Recording } from "./recorder";

const CONTOSO = { kind: "azure", subscriptionId: "s1", resourceGroup: "contoso", account: "contosotables" } as const;
const FABRIKAM = { kind: "azure", subscriptionId: "s2", resourceGroup: "fabrikam", account: "fabrikamtables" } as const;

const BASE: TableMigrationArgs = { source: { account: CONTOSO }, destination: { account: FABRIKAM }, tables: "all" };

async function declare(args: Partial<TableMigrationArgs> = {}, answers: Answers = {}) {
  const made: TableMigration[] = [];
  const recording = await record(() => made.push(new TableMigration("move", { ...BASE, ...args })), answers);
  return { recording, component: made[0] as TableMigration };
}

function below(recording: Recording, name: string): readonly string[] {
  return treeOf(recording).filter((line) => line.endsWith(`< ${name}`));
}

describe("TableMigration", () => {
  test("declares access, copy and verification, named after it and below it", async () => {
    const { recording } = await declare();
    expect(below(recording, "move")).toEqual([
      "TableCopy move-copy < move",
      "TableVerification move-verification < move",
      "TemporaryAccess move-access < move",
    ]);
  });

  test("with nothing but both sides and tables, it is careful by default", async () => {
    const { recording } = await declare();
    expect(recording.one(":TableCopy").inputs).toMatchObject({
      tables: "all",
      deletes: "report",
      conflicts: "refuse",
      frozen: false,
      planSecondsMax: 20,
      reportFolder: ".landbridge/reports",
    });
    expect(recording.one(":TableVerification").inputs).toMatchObject({ tables: "all", level: "full", frozen: false });
    for (const sas of recording.all(":TableSas")) {
      expect(sas.inputs).toMatchObject({ lifetimeHours: 72, policyId: expect.stringMatching(/^landbridge-dev-/) });
    }
  });

  test("hands tables and policies on as they were given", async () => {
    const table = { table: "Cities", destinationTable: "Towns", renames: { a: "b" }, mode: "merge" } as const;
    const reports = { reportFolder: "reports", signingKey: "evidence.pem" } as const;
    const settings = { deletes: "accept", concurrency: 4, ...reports } as const;
    const { recording } = await declare({
      ...settings,
      tables: [table],
      conflicts: "overwrite",
      verification: "sample",
      sampleRows: 7,
      planSecondsMax: 3,
    });
    const copy = { ...settings, tables: [table], conflicts: "overwrite", planSecondsMax: 3 };
    expect(recording.one(":TableCopy").inputs).toMatchObject(copy);
    const verification = { ...settings, tables: [table], level: "sample", sampleRows: 7 };
    expect(recording.one(":TableVerification").inputs).toMatchObject(verification);
  });

  test("gives copy and verification the bundles, as secrets", async () => {
    const { recording } = await declare();
    for (const { inputs } of [recording.one(":TableCopy"), recording.one(":TableVerification")]) {
      for (const side of ["source", "destination"]) {
        expect(isSecret(inputs[side])).toBe(true);
        expect(reveal(inputs[side])).toContain("TOPSECRET");
      }
    }
  });

  test("copies after access is there on both sides, and verifies after the copy", async () => {
    const { recording } = await declare();
    const copy = recording.one(":TableCopy");
    const tokens = recording.all(":TableSas").map(({ urn }) => urn);
    expect(copy.dependencies).toEqual(expect.arrayContaining([...tokens]));
    const verification = recording.one(":TableVerification");
    expect(verification.dependencies).toContain(copy.urn);
    expect(verification.inputs["afterRun"]).toBe("run-1");
  });

  test("lets previews count with the deployer's authority where it has that on both sides", async () => {
    const { recording } = await declare();
    const accounts = { sourceAccount: CONTOSO, destinationAccount: FABRIKAM };
    expect(recording.one(":TableCopy").inputs).toMatchObject(accounts);
    const preview = await declare({}, { preview: true });
    expect(preview.recording.one(":TableCopy").inputs).toMatchObject(accounts);
  });

  test("closed: access is no longer declared; copy and verification are, frozen and without credentials", async () => {
    const open = await declare();
    const { recording, component } = await declare({ temporaryAccess: "closed" });
    expect(treeOf(recording)).toEqual([
      "TableCopy move-copy < move",
      "TableMigration move < -",
      "TableVerification move-verification < move",
    ]);
    expect(component.access).toBeUndefined();
    for (const type of [":TableCopy", ":TableVerification"]) {
      const frozen = recording.one(type);
      expect(frozen.urn).toBe(open.recording.one(type).urn);
      expect(frozen.inputs["frozen"]).toBe(true);
      expect([reveal(frozen.inputs["source"]), reveal(frozen.inputs["destination"])]).toEqual(["", ""]);
      expect(frozen.inputs["sourceAccount"]).toBeUndefined();
    }
  });

  test("verifies nothing by itself in a move without downtime, and says how far that is", async () => {
    const phases = {
      phase: "sync", lateConflicts: "report", quietMinutes: 60, reconcileEveryHours: 24,
    } as const;
    const { recording, component } = await declare({ phases });
    expect(treeOf(recording).filter((line) => line.startsWith("TableVerification"))).toEqual([]);
    expect(recording.one(":TableCopy").inputs).toMatchObject(phases);
    expect(component.verification).toBeUndefined();
    expect(await valueOf(component.verdict)).toBe("sync");
  });

  test("outputs what verification says", async () => {
    const { recording, component } = await declare();
    expect(await valueOf(component.verdict)).toBe("equal");
    expect(await valueOf(component.summary)).toBe("2 tables, equal");
    const urn = recording.one(":TableMigration").urn;
    expect(recording.registered.get(urn)).toEqual({
      verdict: "equal",
      summary: "2 tables, equal",
      reportPath: ".landbridge/reports/v.json",
    });
  });
});
