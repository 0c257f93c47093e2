import { GUID, mistakes, part, written, yaml } from "./written";

describe("what is wrong", () => {
  // What is written, and what each line must say: path, value, remedy.
  const cases: readonly [string, unknown, readonly RegExp[]][] = [
    ["no configuration", undefined, [/^landbridge:migration: is missing/]],
    ["no path of a price file", written({ prices: "https://contoso.com/prices" }), [
      /prices: "https:\/\/contoso\.com\/prices" is not a price file's path\. Write it like prices\.yaml/,
    ]],
    ["prices themselves", written({ prices: { currency: "EUR" } }), [/prices: .* is not a price file's path/]],
    ["a rate of nothing", written({ rowsPerSecond: 0 }), [
      /rowsPerSecond: 0 is not a whole number from 1 to 1000000\. An earlier report tells/,
    ]],
    ["prices of a live move", written({ phase: "sync", deletes: "propagate", prices: "p.yaml", rowsPerSecond: 9 }), [
      /prices: has no effect with `phase`\. Remove it/, /rowsPerSecond: has no effect with `phase`\. Remove it/,
    ]],
    ["a list for a map", [], [/^landbridge:migration: is missing, or not a map/]],
    ["the same account on both sides", part("destination", { account: "contosotables" }), [
      /destination\.account: "contosotables" is the source's account too\. Name another one/,
    ]],
    ["a filter with propagated deletes", written({ deletes: "propagate", tables: { Cities: { filter: "a gt 1" } } }), [
      /tables\.Cities\.filter: a filter together with `deletes: propagate` would delete .* Remove the filter/,
    ]],
    ["an account's name", part("source", { account: "Contoso_Tables" }), [
      /source\.account: "Contoso_Tables" is not a storage account's name\. Write 3 to 24 lower-case/,
    ]],
    ["no tenant", part("source", { tenantId: undefined }), [/source\.tenantId: is missing.*landbridge:sourceSas/]],
    ["a tenant that is no GUID", part("destination", { tenantId: "fabrikam.com" }), [
      /destination\.tenantId: "fabrikam\.com" is not a GUID\. Write the Entra tenant/,
    ]],
    ["a placeholder", part("source", { tenantId: "<tenant id of the source>" }), [
      /source\.tenantId: "<tenant id of the source>" is a placeholder that nobody has filled in/,
    ]],
    ["an unknown key", written({ temporaryAcess: "closed" }), [
      /migration\.temporaryAcess: this key is not known\. Did you mean `temporaryAccess`\?/,
    ]],
    ["an unknown key of a side", part("destination", { locaton: "x" }), [/destination\.locaton: .*`location`\?/]],
    ["an unknown key of a table", written({ tables: { Cities: { rename: {} } } }), [
      /tables\.Cities\.rename: this key is not known\. Did you mean `renames`\?/,
    ]],
    ["a key like no other", written({ xyz: 1 }), [/migration\.xyz: this key is not known\. Known here: cloud,/]],
    ["no tables", written({ tables: [] }), [/tables: \[\] names no tables\. Write `all`/]],
    ["tables left out", written({ tables: undefined }), [/tables: is missing/]],
    ["a table's name", written({ tables: ["Cities", "1st"] }), [/tables\.1: "1st" is not a table's name/]],
    ["the journal as a table", written({ tables: ["landbridgejournal"] }), [/tables\.0: .*are taken/]],
    ["a table twice, by case", written({ tables: ["Cities", "CITIES"] }), [
      /tables\.1: "CITIES" is there twice in the source \(also as "Cities"; case does not count\)/,
    ]],
    ["two tables onto one", written({ tables: { Cities: null, Towns: { newName: "cities" } } }), [
      /tables\.Towns: "cities" is there twice in the destination/,
    ]],
    ["renames that are not bijective", written({ tables: { Cities: { renames: { a: "c", b: "c" } } } }), [
      /tables\.Cities\.renames\.b: "b" and "a" both become "c"/,
    ]],
    ["a system name renamed", written({ tables: { Cities: { renames: { RowKey: "id" } } } }), [
      /tables\.Cities\.renames\.RowKey: "RowKey" is a system property/,
    ]],
    ["a rename to a system name", written({ tables: { Cities: { renames: { when: "Timestamp" } } } }), [
      /tables\.Cities\.renames\.when: "Timestamp" is a system property/,
    ]],
    ["a rename to no property's name", written({ tables: { Cities: { renames: { a: "b-c" } } } }), [
      /renames\.a: "b-c" is not a property's name/,
    ]],
    ["a rename to itself", written({ tables: { Cities: { renames: { a: "a" } } } }), [/renames\.a: .* to itself/]],
    ["a private range", written({ environment: { ipRanges: ["10.1.2.3"] } }), [
      /environment\.ipRanges\.0: "10\.1\.2\.3" is not a public IPv4 address .* come in by a subnet/,
    ]],
    ["several ranges and no word on the SAS", written({ environment: { ipRanges: ["203.0.113.7", "203.0.113.9"] } }), [
      /environment\.sasIpRange: is missing: there are 2 ranges, and a SAS can be bound to one/,
    ]],
    ["a SAS bound to an address that is let in nowhere",
      written({ environment: { ipRanges: ["203.0.113.7"], sasIpRange: "198.51.100.1" } }),
      [/environment\.sasIpRange: "198\.51\.100\.1" meets none of environment\.ipRanges/]],
    ["a life that is too long", written({ sasLifetimeHours: 721 }), [
      /sasLifetimeHours: 721 is not a whole number from 1 to 720/,
    ]],
    ["half an hour", written({ sasLifetimeHours: 0.5 }), [/sasLifetimeHours: 0\.5 is not a whole number/]],
    ["a policy that does not exist", written({ deletes: "yes" }), [
      /deletes: "yes" is not one of report, propagate, accept/,
    ]],
    ["a setting of an account that is used as it is",
      part("destination", { existing: "account", sku: "Standard_LRS" }),
      [/destination\.sku: has no effect with `existing: account`/]],
    ["the end of an account that is not ours",
      { ...part("destination", { existing: "account" }), destroyDestination: true },
      [/migration\.destroyDestination: true has no effect with `existing: account`/]],
    ["all tables of a source without keys", { ...part("source", { sharedKeyAccess: false }), tables: "all" }, [
      /^landbridge:migration\.tables: "all" needs a key of the source/,
    ]],
    ["whom to sign in where nobody does", part("source", { principalId: GUID, sharedKeyAccess: true }), [
      /source\.principalId: is for a source that refuses shared keys, and source\.sharedKeyAccess is true/,
    ]],
    ["a job in Azure that cannot sign in to the source", {
      ...part("source", { sharedKeyAccess: false }),
      phase: "sync", schedule: { kind: "containerJob", image: "r.example/landbridge:1.0.0" },
    }, [/schedule\.kind: containerJob copies as an identity of the destination's tenant.*Schedule on a host/]],
    ["two words on the audit trail",
      part("destination", {
        logRetentionDays: 30,
        workspaceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w",
      }),
      [/destination\.logRetentionDays: has no effect with workspaceId/]],
    ["a report's folder outside of the project", written({ reportFolder: "../reports" }), [
      /reportFolder: "\.\.\/reports" is not a folder below the project/,
    ]],
    ["a signing key that is no key's address", written({ signingKey: "http://contoso.vault.azure.net/secrets/x" }), [
      /signingKey: "http:\/\/contoso.*" is not a Key Vault key's address, or a file's path/,
    ]],
  ];

  test.each(cases)("%s: path, value and remedy are named", (_name, configuration, expected) => {
    const found = mistakes(configuration);
    expect(found).toHaveLength(expected.length);
    expected.forEach((pattern, index) => expect(found[index]).toMatch(pattern));
  });

  test("whom to sign in may be said before it is known whether the account takes keys", () => {
    expect(mistakes(part("source", { principalId: GUID }))).toEqual([]);
  });

  test("a destination may refuse shared keys: the move signs in", () => {
    expect(mistakes(part("destination", { sharedKeyAccess: false }))).toEqual([]);
  });

  test("every mistake is reported at once, also between fields when other fields are wrong", () => {
    const found = mistakes({
      source: { account: "same", tenantId: "<tenant>", subscriptionId: GUID, resourceGroup: "g." },
      destination: { account: "same", tenantId: GUID, subscriptionId: GUID, location: "North Europe", extra: 1 },
      tables: { Cities: { filter: "x", mode: "overwrite" } },
      deletes: "propagate",
    });
    const paths = found.map((line) => line.slice("landbridge:migration.".length, line.indexOf(": ")));
    expect(paths.sort()).toEqual([
      "destination.account",
      "destination.extra",
      "destination.location",
      "destination.resourceGroup",
      "source.resourceGroup",
      "source.tenantId",
      "tables.Cities.filter",
      "tables.Cities.mode",
    ]);
  });

  test("every placeholder of Pulumi.prod.yaml is named, and nothing else is wrong with it", () => {
    const migration = yaml("Pulumi.prod.yaml").config["landbridge:migration"];
    const placeholders = JSON.stringify(migration).match(/<[^<>]*>/g) ?? [];
    const found = mistakes(migration);
    expect(placeholders.length).toBeGreaterThan(8);
    expect(found).toHaveLength(placeholders.length);
    for (const line of found) expect(line).toMatch(/: "<.*>" is a placeholder that nobody has filled in\. \S/);
  });

  test("what the source needs for access of our own has no place beside a SAS of the owner's", () => {
    const found = mistakes(written(), "secret");
    expect(found.map((line) => line.split(": ")[0])).toEqual([
      "landbridge:migration.source.tenantId",
      "landbridge:migration.source.subscriptionId",
      "landbridge:migration.source.resourceGroup",
    ]);
  });
});
