import { GUID, mistakes, parse, part, written, type Written } from "./written";

const AG = "/subscriptions/s/resourceGroups/g/providers/microsoft.insights/actionGroups/a";
const SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

function cosmos(changes: Written = {}, overrides: Written = {}): Written {
  const { destination } = part("destination", { kind: "cosmos", account: "fabrikam-tables", ...changes });
  return { ...written(overrides), destination };
}

const environment = { ipRanges: ["203.0.113.7"] };
const job = (changes: Written = {}) => ({ kind: "containerJob", image: "r.example/landbridge:1.0.0", ...changes });

describe("a destination on Cosmos DB", () => {
  test("a short configuration gets safe defaults: no keys, throughput for the copy", () => {
    expect(parse(cosmos()).destination).toEqual({
      kind: "cosmos",
      account: {
        kind: "azure",
        service: "cosmos",
        tenantId: GUID,
        subscriptionId: GUID,
        resourceGroup: "fabrikam",
        account: "fabrikam-tables",
      },
      location: "northeurope",
      existing: "nothing",
      permanentIpRanges: [],
      permanentSubnetIds: [],
      logRetentionDays: 90,
      keyName: "key2",
      localAuth: false,
      tables: [{ name: "Cities", copyThroughput: 10_000, steadyThroughput: 1_000 }],
      throughput: "copy",
    });
  });

  test("takes a price file in a move without downtime, too: throughput has a price there all the same", () => {
    const live = cosmos({}, { prices: "prices.yaml", phase: "sync", deletes: "propagate" });
    expect(parse(live).prices).toBe("prices.yaml");
    expect(mistakes({ ...live, rowsPerSecond: 9 })).toEqual([expect.stringMatching(/rowsPerSecond: has no effect/)]);
  });

  test("a table's own throughput wins over that of all, under its name in the destination", () => {
    const tables = { Cities: { newName: "Towns" }, Zoo: null };
    const tableThroughput = { Towns: { copyThroughput: 4_000 } };
    const settings = { copyThroughput: 20_000, steadyThroughput: 2_000, tableThroughput };
    const { destination } = parse(cosmos(settings, { tables }));
    expect(destination).toMatchObject({
      tables: [
        { name: "Towns", copyThroughput: 4_000, steadyThroughput: 2_000 },
        { name: "Zoo", copyThroughput: 20_000, steadyThroughput: 2_000 },
      ],
    });
  });

  test("throughput is lowered with the switch, unless the stack says which of the two holds", () => {
    const of = (changes: Written, phase: string) => parse(cosmos(changes, { phase })).destination;
    expect(of({}, "sync")).toMatchObject({ throughput: "copy" });
    expect(of({}, "switched")).toMatchObject({ throughput: "steady" });
    expect(of({ throughput: "copy" }, "switched")).toMatchObject({ throughput: "copy" });
  });

  test("a phase has its defaults, done closes all access and has no schedule", () => {
    expect(parse(written()).phases).toBeUndefined();
    const syncing = parse(cosmos({}, { phase: "sync", schedule: job() }));
    const defaults = { lateConflicts: "report", quietMinutes: 60, reconcileEveryHours: 24 };
    expect(syncing.phases).toEqual({ phase: "sync", ...defaults });
    expect(syncing.temporaryAccess).toBe("open");
    expect(syncing.schedule).toEqual({
      kind: "containerJob",
      everyMinutes: 15,
      lagMinutesMax: 45,
      image: "r.example/landbridge:1.0.0",
      actionGroupIds: [],
    });
    const done = parse(cosmos({}, { phase: "done", schedule: job() }));
    expect([done.temporaryAccess, done.schedule, done.phases?.phase]).toEqual(["closed", undefined, "done"]);
  });

  test("renames for all tables hold for each, and a table's own win over them", () => {
    const tables = { Cities: { renames: { id: "cityId" } }, Zoo: null };
    const configuration = parse(cosmos({}, { tables, renames: { id: "sourceId", etag: "sourceEtag" } }));
    expect(configuration.tables).toEqual([
      { table: "Cities", renames: { id: "cityId", etag: "sourceEtag" } },
      { table: "Zoo", renames: { id: "sourceId", etag: "sourceEtag" } },
    ]);
    expect(configuration.renamesText)
      .toBe("Cities: id -> cityId, etag -> sourceEtag\nZoo: id -> sourceId, etag -> sourceEtag");
  });
});

describe("a fence around the source", () => {
  const told = { phase: "drained", fence: "keys" };

  test("is none unless the stack says so, and shuts no account that holds more", () => {
    expect(parse(cosmos({}, { phase: "drained" })).fence).toBeUndefined();
    expect(parse(cosmos({}, { phase: "drained", fence: "none" })).fence).toBeUndefined();
    expect(parse(cosmos({}, told)).fence).toEqual({ mode: "keys", sharedAccount: false });
    expect(parse(cosmos({}, { ...told, fence: "both", fenceSharedAccount: true, environment })).fence)
      .toEqual({ mode: "both", sharedAccount: true });
  });

  test.each<[string, Written, RegExp]>([
    ["without a phase", { fence: "keys" }, /migration\.fence: has no effect without a phase/],
    ["of another kind", { ...told, fence: "key" }, /fence: "key" is not one of none, keys, network, both/],
    ["that shuts the move out", { ...told, fence: "both" }, /fence: "both" lets in only environment.*there are none/],
    ["around more, and no fence", { phase: "drained", fenceSharedAccount: true }, /has no effect without a fence/],
  ])("is refused %s", (_what, changes, expected) => {
    expect(mistakes(cosmos({}, changes)).join("\n")).toMatch(expected);
  });

  test("is refused around a source whose owner handed over a SAS", () => {
    const handedOver = cosmos({}, { ...told, source: { account: "contosotables" } });
    expect(mistakes(handedOver, "secret").join("\n")).toMatch(/with landbridge:sourceSas nothing on/);
  });
});

describe("what is wrong with a move to Cosmos DB, or without downtime", () => {
  const cases: readonly [string, unknown, readonly RegExp[]][] = [
    ["a kind of destination that does not exist", part("destination", { kind: "dynamodb" }), [
      /destination\.kind: "dynamodb" is not one of storage, cosmos/,
    ]],
    ["an account's name that Cosmos DB does not take", cosmos({ account: "fabrikam_tables-" }), [
      /destination\.account: "fabrikam_tables-" is not a Cosmos DB account's name\. Write 3 to 44/,
    ]],
    ["settings of the other kind", cosmos({ sku: "Standard_LRS" }), [
      /destination\.sku: is of a destination of kind storage, and this is cosmos\. Remove/,
    ]],
    ["Cosmos DB's settings on storage", part("destination", { localAuth: true }), [
      /destination\.localAuth: is of a destination of kind cosmos, and this is storage/,
    ]],
    ["all tables, whose throughput nobody set", cosmos({}, { tables: "all" }), [/tables: "all" says not which tables/]],
    ["throughput that autoscale does not take", cosmos({ copyThroughput: 1500 }), [
      /destination\.copyThroughput: 1500 is not a maximum for autoscale.*multiple of 1000/,
    ]],
    ["a steady throughput below what the service will allow", cosmos({ copyThroughput: 50_000 }), [
      /steadyThroughput: steadyThroughput 1000 of table Cities will be refused.*Raise steadyThroughput to 5000/,
    ]],
    ["throughput of a table that is not there", cosmos({ tableThroughput: { Citis: { copyThroughput: 1000 } } }), [
      /destination\.tableThroughput\.Citis: "Citis" is no table of the destination\. Did you mean `Cities`\?/,
    ]],
    ["an unknown key below a table's throughput", cosmos({ tableThroughput: { Cities: { copyThroughputs: 1 } } }), [
      /tableThroughput\.Cities\.copyThroughputs: this key is not known\. Did you mean `copyThroughput`\?/,
    ]],
    ["a consistency that does not exist", cosmos({ consistency: "strong" }), [/consistency: "strong" is not one of S/]],
    ["no way in", cosmos({ publicNetworkAccess: "disabled" }), [
      /publicNetworkAccess: disabled leaves no way in without a private endpoint/,
    ]],
    ["open ranges of an account that is shut to the public",
      cosmos({
        publicNetworkAccess: "disabled", privateEndpoint: { subnetId: SUBNET }, permanentIpRanges: ["203.0.113.7"],
      }),
      [/destination\.permanentIpRanges: has no effect with publicNetworkAccess: disabled/]],
    ["a private endpoint in no subnet", cosmos({ privateEndpoint: { subnetId: "vnet/n" } }), [
      /destination\.privateEndpoint\.subnetId: "vnet\/n" is not a subnet's resource id/,
    ]],
    ["a principal that is no GUID", cosmos({ principals: [{ principalId: "app" }] }), [
      /destination\.principals\.0\.principalId: "app" is not a GUID/,
    ]],
    ["prices in a place of their own, as they once were", cosmos({ prices: { currency: "EUR", perGbMonth: 0.2 } }), [
      /destination\.prices: is not read any more.* destination\.throughput.*landbridge:migration\.prices/,
    ]],
    ["prices of a throughput that nobody knows", cosmos({ existing: "account" }, { prices: "prices.yaml" }), [
      /prices: cannot be used with `existing: account` on Cosmos DB: .*is not known here\. Remove it/,
    ]],
    ["an existing account that is to be set up", cosmos({ existing: "account", backup: "Continuous7Days" }), [
      /destination\.backup: has no effect with `existing: account`/,
    ]],
    ["a rename to a reserved name, in another casing", cosmos({}, { tables: { Cities: { renames: { key: "ID" } } } }), [
      /tables\.Cities\.renames\.key: "ID" belongs to Cosmos DB itself, in any casing/,
    ]],
    ["a rename of all tables to a reserved name", cosmos({}, { renames: { key: "ResourceId" } }), [
      /migration\.renames\.key: "ResourceId" belongs to Cosmos DB itself/,
    ]],
    ["renames that collide once they are merged",
      cosmos({}, { renames: { id: "sourceId" }, tables: { Cities: { renames: { key: "sourceId" } } } }),
      [/tables\.Cities\.renames\.key: "id" and "key" both become "sourceId", once the renames for all/]],
    ["renames over all tables that are not named", written({ tables: "all", renames: { a: "b" } }), [
      /renames: are for tables that are named/,
    ]],
    ["renames of all tables onto one name", written({ renames: { a: "c", b: "c" } }), [
      /migration\.renames\.b: "b" and "a" both become "c"/,
    ]],
    ["a phase that does not exist", written({ phase: "synced" }), [
      /phase: "synced" is not one of sync, switched, drained, done\. They come in this order/,
    ]],
    ["no phase", written({ lateConflicts: "report", quietMinutes: 5, schedule: { kind: "cron" } }), [
      /lateConflicts: has no effect without a phase\. Write `phase: sync`/,
      /quietMinutes: has no effect without a phase/,
      /schedule: has no effect without a phase/,
    ]],
    ["a policy for late changes that does not exist", written({ phase: "sync", lateConflicts: "newest" }), [
      /lateConflicts: "newest" is not one of report, source-wins, destination-wins/,
    ]],
    ["no quiet at all", written({ phase: "sync", quietMinutes: 0 }), [/quietMinutes: 0 is not minutes above zero/]],
    ["an hour and a half", written({ phase: "sync", reconcileEveryHours: 1.5 }), [/reconcileEveryHours: 1\.5 is not/]],
    ["access closed in the middle", written({ phase: "switched", temporaryAccess: "closed" }), [
      /temporaryAccess: "closed" leaves phase "switched" without access\. Set phase to done/,
    ]],
    ["deletes that are nobody's business, in a move without downtime", written({ phase: "sync", deletes: "accept" }), [
      /deletes: "accept" keeps rows that the source deleted/,
    ]],
    ["a schedule of no kind", written({ phase: "sync", schedule: {} }), [/schedule\.kind: is missing/]],
    ["a time that divides no hour", written({ phase: "sync", schedule: { kind: "cron", everyMinutes: 7 } }), [
      /schedule\.everyMinutes: 7 is not minutes that divide an hour or a day evenly/,
    ]],
    ["a job without an image", written({ phase: "sync", schedule: { kind: "containerJob" } }), [
      /schedule\.image: is missing; it is the image/,
    ]],
    ["an image without a tag", written({ phase: "sync", schedule: job({ image: "landbridge" }) }), [
      /schedule\.image: "landbridge" is not an image with a tag or a digest/,
    ]],
    ["a host's settings in Azure", written({ phase: "sync", schedule: job({ user: "root" }) }), [
      /schedule\.user: is not of a schedule of kind containerJob/,
    ]],
    ["a job's settings on a host", written({ phase: "sync", schedule: { kind: "systemd", actionGroupIds: [AG] } }), [
      /schedule\.actionGroupIds: is not of a schedule of kind systemd/,
    ]],
    ["a job in a subnet that nobody lets in", written({ phase: "sync", schedule: job({ subnetId: SUBNET }) }), [
      /schedule\.subnetId: .* is not among environment\.subnetIds: no account would let the job in\. Add it there/,
    ]],
    ["a job without a vault", written({ phase: "sync", vault: false, schedule: job() }), [
      /migration\.vault: false leaves the job without its credentials/,
    ]],
  ];

  test.each(cases)("%s is told with its path, its value and what to do", (_, configuration, expected) => {
    const found = mistakes(configuration);
    for (const pattern of expected) expect(found.join("\n")).toMatch(pattern);
    expect(found).toHaveLength(expected.length);
  });
});
