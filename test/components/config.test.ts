import * as pulumi from "@pulumi/pulumi";
import { readConfiguration } from "../../components/config";
import { GUID, mistakes, parse, part, written, yaml } from "./written";

describe("what is right", () => {
  test("a short configuration gets safe defaults", () => {
    expect(parse(written())).toEqual({
      source: {
        kind: "managed",
        account: { kind: "azure", ...(written()["source"] as object) },
        keyName: "key2",
      },
      renamesText: "",
      destination: {
        kind: "storage",
        account: {
          kind: "azure",
          tenantId: GUID,
          subscriptionId: GUID,
          resourceGroup: "fabrikam",
          account: "fabrikamtables",
        },
        location: "northeurope",
        existing: "nothing",
        sku: "Standard_ZRS",
        sharedKeyAccess: true,
        permanentIpRanges: [],
        permanentSubnetIds: [],
        logRetentionDays: 90,
        keyName: "key2",
      },
      tables: [{ table: "Cities" }],
      environment: { ipRanges: [], subnetIds: [], readerPrincipalType: "ServicePrincipal" },
      sasLifetimeHours: 72,
      deletes: "report",
      conflicts: "refuse",
      verification: "full",
      sampleRows: 1000,
      temporaryAccess: "open",
      destroyDestination: false,
      vault: true,
      credentialOutputs: true,
      planSecondsMax: 20,
      movePlan: {},
      reportFolder: ".landbridge/reports",
    });
  });

  test("it is frozen all the way down, so that no component changes another's settings", () => {
    const configuration = parse(written({ tables: { Cities: { renames: { a: "b" } } } }));
    const table = configuration.tables[0] as { renames: object };
    const parts = [configuration, configuration.destination, configuration.destination.account, table, table.renames];
    for (const value of [...parts, configuration.tables, configuration.environment.ipRanges]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
  });

  test("tables may be all, a list, or a map, and mean the same", () => {
    const settings = { newName: "Towns", renames: { pop: "population" }, mode: "merge", filter: "pop gt 1" };
    const { newName, ...rest } = settings;
    const expected = [{ table: "Cities", destinationTable: newName, ...rest }, { table: "Zoo" }];
    expect(parse(written({ tables: "all" })).tables).toBe("all");
    expect(parse(written({ tables: { Cities: settings, Zoo: null } })).tables).toEqual(expected);
    expect(parse(written({ tables: [{ table: "Cities", ...settings }, "Zoo"] })).tables).toEqual(expected);
  });

  test("a swap of two properties' names is bijective and allowed", () => {
    const renames = { a: "b", b: "a" };
    expect(parse(written({ tables: { Cities: { renames } } })).tables).toEqual([{ table: "Cities", renames }]);
  });

  test.each([
    [{ ipRanges: ["203.0.113.7"] }, "203.0.113.7"],
    [{ ipRanges: ["203.0.113.8/29"] }, "203.0.113.8-203.0.113.15"],
    [{ ipRanges: ["203.0.113.7", "203.0.113.9"], sasIpRange: "203.0.113.0/28" }, "203.0.113.0-203.0.113.15"],
    [{ ipRanges: ["203.0.113.7"], sasIpRange: "any" }, undefined],
    [{}, undefined],
  ])("a SAS is bound to the only range there is, or to the one named: %j", (environment, expected) => {
    expect(parse(written({ environment })).environment.sasIpRange).toBe(expected);
  });

  test("with a SAS of the owner's, the source needs nothing but its account's name", () => {
    const configuration = parse(written({ source: { account: "contosotables" } }), "secret");
    expect(configuration.source).toEqual({ kind: "handedOver", accountName: "contosotables" });
  });

  test("Pulumi.dev.yaml is valid as it is", () => {
    const { source, destination } = parse(yaml("Pulumi.dev.yaml").config["landbridge:migration"]);
    expect(source).toMatchObject({ kind: "managed", account: { kind: "emulator", account: "contosotables" } });
    expect(destination.account).toMatchObject({ kind: "emulator", account: "fabrikamtables" });
  });
});

describe("secrets", () => {
  const KEY = `${"Ab9+".repeat(21)}AB==`;
  const SAS = "https://contoso.test/?sig=TOPSECRETSIGNATURE&sv=2022-11-02";

  test.each([
    ["an account key", KEY, KEY],
    ["a connection string", `AccountName=contoso;AccountKey=${KEY}`, KEY],
    ["a SAS URL", SAS, "TOPSECRETSIGNATURE"],
  ])("%s in the structured object is refused wherever it stands, and never shown", (_name, value, secret) => {
    const places = [part("source", { account: value }), written({ sas: value }), written({ tables: [value] })];
    for (const place of places) {
      const found = mistakes(place).join("\n");
      expect(found).toContain("pulumi config set --secret landbridge:sourceSas");
      expect(found).not.toContain(secret);
    }
  });

  test.each([
    ["an unknown key", written({ [SAS]: 1 })],
    ["a table's name", written({ tables: { [SAS]: null } })],
    ["a property's name", written({ tables: { Cities: { renames: { [SAS]: "a" } } } })],
  ])("a credential that slipped in as %s is not shown either", (_name, configuration) => {
    const found = mistakes(configuration).join("\n");
    expect(found).toMatch(/^landbridge:migration\.\(a key not shown, since it looks like a secret\): /);
    expect(found).not.toContain("TOPSECRETSIGNATURE");
  });

  test("a `secure:` value inside of the structured object is refused, whether Pulumi has opened it or not", () => {
    // Which value it was cannot be seen any more, so none is shown, however wrong.
    expect(mistakes(part("source", { tenantId: "hunter2" }), "absent", true)).toEqual([
      expect.stringMatching(/^landbridge:migration: has a secret inside.*landbridge:sourceSas/),
    ]);
    expect(mistakes(part("source", { sas: { secure: "AAABAM" } })).join()).toContain("`secure:` value inside");
  });

  test("a SAS that was set in the clear is refused: it is burnt", () => {
    expect(mistakes(written({ source: { account: "contosotables" } }), "plain")).toEqual([
      expect.stringMatching(/^landbridge:sourceSas: is kept in the clear\. Have its owner revoke it/),
    ]);
  });

  test("a SAS that was set as a secret stays one on its way through the program", async () => {
    const migration = JSON.stringify(written({ source: { account: "contosotables" } }));
    pulumi.runtime.setAllConfig({ "landbridge:migration": migration, "landbridge:sourceSas": SAS }, [
      "landbridge:sourceSas",
    ]);
    const { source } = readConfiguration();
    if (source.kind !== "handedOver") throw new Error(source.kind);
    await expect(pulumi.isSecret(source.credential)).resolves.toBe(true);
    expect(JSON.stringify(Object.keys(source))).not.toContain("sig");
  });
});
