import { setTimeout as sleep } from "node:timers/promises";
import type { CopyPlan } from "../../migration/handlers/copyPlan";
import type { Properties } from "../../migration/handlers/handler";
import { tableCopyHandler } from "../../migration/handlers/tableCopy";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { execute } from "../../migration/run/execute";
import { FABRIKAM, moveWorld, type MoveWorld } from "./moveWorld";

/** Contoso has three cities; of Fabrikam's account there is nothing, and no token for either. */
async function setUp() {
  const world = moveWorld();
  for (const rowKey of ["a", "b", "c"]) await world.put(world.source, rowKey, 1);
  world.access.accounts.delete("fabrikamtables");
  return { world, inputs: { ...world.inputs, source: UNKNOWN, destination: UNKNOWN } };
}

async function planOf(world: MoveWorld, news: Properties): Promise<CopyPlan> {
  const checked = await tableCopyHandler(world.ports).check({}, news);
  expect(checked.failures).toEqual([]);
  return checked.inputs["plan"] as CopyPlan;
}

/** The first so many pages come at once, those after them slowly. */
function slowAfter(world: MoveWorld, pages: number): void {
  let left = pages;
  world.intercept = (_account, store) => new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (name !== "readPage" || typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const page = () => (value as (...given: unknown[]) => unknown).apply(target, args);
        return (left -= 1) < 0 ? sleep(1_200).then(page) : page();
      };
    },
  });
}

const NO_NUMBER = { tables: [], complete: false, text: "unknown until access exists" };

describe("the first preview of all", () => {
  it("counts the whole source, table by table, when the destination is still to be made", async () => {
    const { world, inputs } = await setUp();
    await world.put(world.source, "a", 1, "Types");
    const tables = [{ table: "Cities" }, { table: "Types", mode: "merge" }];
    expect(await planOf(world, { ...inputs, tables })).toMatchObject({
      pendingRows: 4, conflicts: 0, extra: 0, complete: true, text: expect.stringMatching(/^4 rows to copy\n/),
      tables: [{ table: "Cities", pendingRows: 3 }, { table: "Types", pendingRows: 1 }],
    });
    const nothing = { nothingYet: "fabrikamtables", billing: "requests" };
    expect(world.requests).toMatchObject([
      { command: "copy", dryRun: true, destination: nothing }, { command: "preflight", dryRun: true },
    ]);
    expect(await world.destination.listTables()).toEqual([]);
  });

  it("counts all tables of the source when all are to move", async () => {
    const { world, inputs } = await setUp();
    await world.put(world.source, "a", 1, "Types");
    expect(await planOf(world, { ...inputs, tables: "all" })).toMatchObject({ pendingRows: 4, complete: true });
  });

  it("counts by the token that the source's owner handed over, too", async () => {
    const { world, inputs } = await setUp();
    const given = { ...inputs, sourceAccount: undefined, source: world.inputs["source"] };
    expect(await planOf(world, given)).toMatchObject({ pendingRows: 3, complete: true });
  });

  it("says at least how many when its time is up before the source is counted", async () => {
    const { world, inputs } = await setUp();
    for (let at = 0; at < 5_500; at += 1) await world.source.put("Cities", { PartitionKey: "q", RowKey: `${at}` });
    slowAfter(world, 6);
    const plan = await planOf(world, { ...inputs, planSecondsMax: 1 });
    expect(plan.complete).toBe(false);
    expect(plan.pendingRows).toBeGreaterThan(0);
    expect(plan.text).toMatch(/^at least [\d,]+ rows to copy\n.* is not known: planSecondsMax was over/);
    expect(plan.pendingRows).toBeLessThanOrEqual(4_000);
  });

  it.each<[string, (world: MoveWorld) => Properties]>([
    ["may not be looked at", ({ access }) => {
      access.accounts.set("fabrikamtables", moveWorld().access.accounts.get("fabrikamtables") ?? missing());
      access.accounts.get("fabrikamtables")?.denied.add("listKeys");
      return {};
    }],
    ["is not known by all its parts", () => ({ destinationAccount: { ...FABRIKAM, resourceGroup: UNKNOWN } })],
    ["is not given", () => ({ destinationAccount: undefined })],
  ])("says no number when the destination %s: it may hold anything", async (_why, given) => {
    const { world, inputs } = await setUp();
    expect(await planOf(world, { ...inputs, ...given(world) })).toEqual(NO_NUMBER);
    expect(world.requests).toEqual([]);
  });

  it("says no number when the source is not there", async () => {
    const { world, inputs } = await setUp();
    world.access.accounts.clear();
    expect(await planOf(world, inputs)).toEqual(NO_NUMBER);
  });

  it("says why, and no number, when the source lacks a table", async () => {
    const { world, inputs } = await setUp();
    const plan = await planOf(world, { ...inputs, tables: [{ table: "Missing" }] });
    expect(plan).not.toHaveProperty("pendingRows");
    expect(plan.text).toMatch(/^unknown: .*Missing/);
  });

  it("asks the destination itself while there is a token for it, whatever its management says", async () => {
    const { world, inputs } = await setUp();
    await world.put(world.destination, "a", 1);
    await planOf(world, { ...inputs, destination: world.inputs["destination"] });
    const asked = { destination: { text: world.inputs["destination"] } };
    expect(world.requests).toMatchObject([asked, asked]);
  });
});

describe("a destination of which there is nothing yet", () => {
  it("is for dry runs alone: nothing is ever copied into it", async () => {
    const { world } = await setUp();
    const { source } = world.inputs;
    await expect(execute({
      command: "copy", source: { text: String(source), origin: "test" },
      destination: { nothingYet: "fabrikamtables", billing: "requests" },
      selection: { names: ["Cities"], mode: "replace", overrides: [] }, deletes: "report", conflicts: "refuse",
    })).rejects.toThrow(/only a dry run/);
  });
});

function missing(): never {
  throw new Error("The world has two accounts.");
}
