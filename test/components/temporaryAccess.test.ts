import * as pulumi from "@pulumi/pulumi";
import { TemporaryAccess, type TemporaryAccessArgs } from "../../components/azure/temporaryAccess";
import { policyIdOf } from "../../components/policyId";
import { hidesInSecrets, record, valueOf, treeOf, type Answers } from "./recorder";

const CONTOSO = { kind: "azure", subscriptionId: "s1", resourceGroup: "contoso", account: "contosotables" } as const;
const FABRIKAM = { kind: "azure", subscriptionId: "s2", resourceGroup: "fabrikam", account: "fabrikamtables" } as const;

const TERMS = { lifetimeHours: 24, policyId: "landbridge-dev-1", ipRanges: ["203.0.113.7"], sasIpRange: "203.0.113.7" };

const BASE: TemporaryAccessArgs = {
  source: { account: CONTOSO },
  destination: { account: FABRIKAM, keyName: "key1" },
  tables: [{ table: "Cities", destinationTable: "Towns" }, { table: "Zoo" }],
  terms: TERMS,
};

async function declare(args: Partial<TemporaryAccessArgs> = {}, answers: Answers = {}) {
  const made: TemporaryAccess[] = [];
  const recording = await record(() => made.push(new TemporaryAccess("access", { ...BASE, ...args })), answers);
  return { recording, component: made[0] as TemporaryAccess };
}

describe("TemporaryAccess", () => {
  test("declares per side a key to rotate, an opening and the tokens, named after it and below it", async () => {
    const { recording } = await declare();
    expect(treeOf(recording)).toEqual([
      "AccountAccess access-destination < access",
      "AccountAccess access-source < access",
      "KeyRotation access-destination-rotate-key1 < access-destination",
      "KeyRotation access-source-rotate-key2 < access-source",
      "NetworkOpening access-destination-opening < access-destination",
      "NetworkOpening access-source-opening < access-source",
      "TableSas access-destination-sas < access-destination",
      "TableSas access-source-sas < access-source",
      "TemporaryAccess access < -",
    ]);
  });

  test("asks the source for its tables and nothing more, and creates none there", async () => {
    const { recording } = await declare();
    expect(recording.one(":TableSas", "access-source-sas").inputs).toMatchObject({
      account: CONTOSO,
      purpose: "source",
      tables: ["Cities", "Zoo"],
      keyName: "key2",
      keyFingerprint: "f1",
      lifetimeHours: 24,
      policyId: "landbridge-dev-1",
      createMissing: false,
      ipRange: "203.0.113.7",
    });
  });

  test("asks the destination for the tables by their new names, creating what is missing", async () => {
    const { recording } = await declare();
    expect(recording.one(":TableSas", "access-destination-sas").inputs).toMatchObject({
      account: FABRIKAM,
      purpose: "destination",
      tables: ["Towns", "Zoo"],
      keyName: "key1",
      createMissing: true,
    });
  });

  test("with all tables, the destination gets those that the source turned out to have", async () => {
    const sas = { tables: ["Cities", "Zoo"], bundle: "sig=TOPSECRET", expiresOn: "2026-01-31" };
    const outputs = { "landbridge:TableSas": sas };
    const { recording } = await declare({ tables: "all" }, { outputs });
    expect(recording.one(":TableSas", "access-source-sas").inputs["tables"]).toBe("all");
    expect(recording.one(":TableSas", "access-destination-sas").inputs["tables"]).toEqual(["Cities", "Zoo"]);
  });

  test("rotates a key after everything it signed is gone: rotation first, then opening, then tokens", async () => {
    const { recording } = await declare();
    for (const side of ["source-rotate-key2", "destination-rotate-key1"]) {
      const [name] = side.split("-rotate");
      const rotation = recording.one(":KeyRotation", `access-${side}`);
      const opening = recording.one(":NetworkOpening", `access-${name}-opening`);
      const sas = recording.one(":TableSas", `access-${name}-sas`);
      expect(rotation.dependencies).toEqual([]);
      expect(opening.dependencies).toEqual([rotation.urn]);
      expect([...sas.dependencies]).toEqual(expect.arrayContaining([rotation.urn, opening.urn]));
    }
  });

  test("opens the firewall on both sides for the machines that copy", async () => {
    const subnet = "/subscriptions/s/subnets/n";
    const { recording } = await declare({ terms: { ...TERMS, subnetIds: [subnet] } });
    const rules = { ipRanges: ["203.0.113.7"], subnetIds: [subnet] };
    const [from, to] = [CONTOSO, FABRIKAM].map((account) => ({ account, ...rules }));
    expect(recording.one(":NetworkOpening", "access-source-opening").inputs).toMatchObject(from as object);
    expect(recording.one(":NetworkOpening", "access-destination-opening").inputs).toMatchObject(to as object);
  });

  test("opens nothing where nobody needs to be let in, and binds the tokens to no address", async () => {
    const { recording } = await declare({ terms: { lifetimeHours: 1, policyId: "landbridge-x" } });
    expect(recording.all(":NetworkOpening")).toEqual([]);
    for (const sas of recording.all(":TableSas")) expect(sas.inputs["ipRange"]).toBeUndefined();
  });

  test("a preview says which keys will rotate, before anything exists", async () => {
    const { recording, component } = await declare({}, { preview: true });
    expect(await valueOf(component.rotates)).toEqual(["key2 of contosotables", "key1 of fabrikamtables"]);
    // The short form of a preview shows nothing but types and names.
    const names = recording.all(":KeyRotation").map(({ name }) => name);
    expect(names.sort()).toEqual(["access-destination-rotate-key1", "access-source-rotate-key2"]);
  });

  test("ends with whichever side ends first", async () => {
    const { component } = await declare();
    expect(await valueOf(component.expiresOn)).toBe("2026-01-31T00:00:00Z");
    await expect(pulumi.isSecret(component.expiresOn)).resolves.toBe(false);
  });

  test("hands the bundles on as secrets, and shows them in no component's outputs", async () => {
    const { recording, component } = await declare();
    await expect(pulumi.isSecret(component.source.bundle)).resolves.toBe(true);
    await expect(pulumi.isSecret(component.destination.bundle)).resolves.toBe(true);
    expect(recording.registered.size).toBe(3);
    for (const outputs of recording.registered.values()) expect(hidesInSecrets(outputs, "TOPSECRET")).toBe(true);
    for (const sas of recording.all(":TableSas")) expect(sas.additionalSecretOutputs).toContain("bundle");
  });

  test("keeps and protects nothing: all of it goes", async () => {
    const { recording } = await declare();
    expect(recording.resources.filter(({ retainOnDelete, protect }) => retainOnDelete || protect)).toEqual([]);
  });
});

describe("policyIdOf", () => {
  test("gives each stack of each project an identifier of its own, with our name in front and within 64", () => {
    const stacks = [["a-", "c"], ["a", "-c"], ["a", "x".repeat(200)], ["a", "ß"]] as const;
    const ids = stacks.map(([project, stack]) => policyIdOf(project, stack));
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^landbridge-[A-Za-z0-9-]{8,53}$/);
    expect(policyIdOf("landbridge", "dev")).toMatch(/^landbridge-dev-[0-9a-f]{8}$/);
  });
});
