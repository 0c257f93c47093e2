import * as pulumi from "@pulumi/pulumi";
import { refuseCredential } from "../../components/azure/handedOverAccess";
import { TemporaryAccess, type TemporaryAccessArgs } from "../../components/azure/temporaryAccess";
import { probeBundle, type ProbeResult } from "../../migration/handlers/probe";
import { hidesInSecrets, record, treeOf, valueOf } from "./recorder";

jest.mock("../../migration/handlers/probe");

const SECRET = "https://contosotables.table.core.windows.net/?sig=TOPSECRET-OF-THE-OWNER";

const FACTS: ProbeResult = {
  account: "contosotables",
  tables: ["Cities", "Zoo", "landbridgejournal"],
  rights: "r",
  expiresOn: "2026-01-15T00:00:00.000Z",
  problems: [],
};

const BASE: TemporaryAccessArgs = {
  source: { accountName: "contosotables", credential: SECRET },
  destination: {
    account: { kind: "azure", subscriptionId: "s2", resourceGroup: "fabrikam", account: "fabrikamtables" },
  },
  tables: "all",
  terms: { lifetimeHours: 24, policyId: "landbridge-dev", ipRanges: ["203.0.113.7"] },
};

async function declare(facts: Partial<ProbeResult> = {}) {
  jest.mocked(probeBundle).mockResolvedValue({ ...FACTS, ...facts });
  const made: TemporaryAccess[] = [];
  const recording = await record(() => made.push(new TemporaryAccess("access", BASE)));
  return { recording, component: made[0] as TemporaryAccess };
}

describe("a source whose owner handed over a SAS", () => {
  test("has nothing made on it: no key, no opening, no tokens", async () => {
    const { recording, component } = await declare();
    expect(treeOf(recording)).toEqual([
      "AccountAccess access-destination < access",
      "HandedOverAccess access-source < access",
      "KeyRotation access-destination-rotate-key2 < access-destination",
      "NetworkOpening access-destination-opening < access-destination",
      "TableSas access-destination-sas < access-destination",
      "TemporaryAccess access < -",
    ]);
    expect(await valueOf(component.rotates)).toEqual(["key2 of fabrikamtables"]);
    expect(probeBundle).toHaveBeenLastCalledWith(SECRET, "all");
  });

  test("gives the tables that its SAS opens, less a journal of ours", async () => {
    const { recording, component } = await declare();
    expect(await valueOf(component.source.tables)).toEqual(["Cities", "Zoo"]);
    expect(recording.one(":TableSas").inputs["tables"]).toEqual(["Cities", "Zoo"]);
  });

  test("has its rights, expiry and problems shown, and its SAS never", async () => {
    const { recording, component } = await declare({ rights: "raud", problems: ["The token also grants aud."] });
    expect(await valueOf(component.source.grant)).toBe(
      "raud on 3 tables, expires: 2026-01-15T00:00:00.000Z. The token also grants aud.",
    );
    await expect(pulumi.isSecret(component.source.grant)).resolves.toBe(false);
    await expect(pulumi.isSecret(component.source.bundle)).resolves.toBe(true);
    for (const { inputs } of recording.resources) expect(hidesInSecrets(inputs, "TOPSECRET")).toBe(true);
    for (const outputs of recording.registered.values()) expect(hidesInSecrets(outputs, "TOPSECRET")).toBe(true);
  });

  test("ends with its SAS, or with the destination's where the SAS does not say", async () => {
    const said = await declare();
    expect(await valueOf(said.component.expiresOn)).toBe("2026-01-15T00:00:00.000Z");
    const unsaid = await declare({ expiresOn: "set by a stored access policy" });
    expect(await valueOf(unsaid.component.source.expiresOn)).toBe("2026-01-31T00:00:00Z");
    expect(await valueOf(unsaid.component.expiresOn)).toBe("2026-01-31T00:00:00Z");
  });
});

describe("refuseCredential", () => {
  const args = { accountName: "contosotables", tables: [{ table: "cities" }, { table: "Zoo" }] };

  test("a credential for the account that opens the tables is fine, whatever their case", () => {
    expect(refuseCredential(FACTS, args)).toEqual([]);
    expect(refuseCredential({ ...FACTS, tables: [] }, { ...args, tables: "all" })).toEqual([]);
  });

  test("one for another account, or without a table, is refused with names and remedy", () => {
    const facts = { ...FACTS, account: "adatumtables", tables: ["Zoo"] };
    expect(refuseCredential(facts, args)).toEqual([
      "It is for account adatumtables, not contosotables: correct source.account, or ask again.",
      "It does not open cities: ask the owner for these tables too, or leave them out.",
    ]);
  });
});
