import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OperationalError } from "../../migration/engine/errors";
import type { CopyPlan } from "../../migration/handlers/copyPlan";
import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { tableCopyHandler } from "../../migration/handlers/tableCopy";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { bundleFor, holdsSecret, moveWorld, type MoveWorld } from "./moveWorld";

async function setUp(rows = 3) {
  const world = moveWorld();
  for (let at = 0; at < rows; at += 1) await world.put(world.source, `r${at}`, at);
  return { world, handler: tableCopyHandler(world.ports), inputs: world.inputs };
}

const planIn = (inputs: Properties) => inputs["plan"] as CopyPlan;

/** A step as Pulumi takes it: check, then diff. */
async function preview(world: MoveWorld, olds: Properties, news: Properties) {
  const handler = tableCopyHandler(world.ports);
  const checked = await handler.check({ tables: [] }, news);
  expect(checked.failures).toEqual([]);
  const { changes } = await handler.diff("id", olds, checked.inputs);
  return { changes, plan: planIn(checked.inputs), inputs: checked.inputs };
}

async function failing(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(() => undefined, (caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe("TableCopy", () => {
  it("copies, and keeps no credential in its outputs or reports", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    expect(world.destination.rows("Cities")).toHaveLength(3);
    expect(outs["summary"]).toMatch(/^1 table in .*: 3 rows written$/);
    expect(outs["tableSummaries"]).toMatchObject([{ table: "Cities", written: 3, sourceRows: 3, destinationRows: 3 }]);
    expect(outs["runId"]).toMatch(/^\d{8}T\d{6}-[0-9a-f]{6}$/);
    expect(holdsSecret(outs)).toBe(false);
    const folder = inputs["reportFolder"] as string;
    expect(readdirSync(folder)).toEqual([`${String(outs["runId"])}-copy.html`, `${String(outs["runId"])}-copy.json`]);
    expect(existsSync(outs["reportPath"] as string)).toBe(true);
    for (const file of readdirSync(folder)) expect(holdsSecret(readFileSync(join(folder, file), "utf8"))).toBe(false);
  });

  it("is unchanged in an unchanged world, whatever tokens were renewed meanwhile", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    const renewed = { ...inputs, source: bundleFor("contosotables", ["Cities", "More"]) };
    const { changes, plan } = await preview(world, outs, renewed);
    expect(plan).toMatchObject({ pendingRows: 0, conflicts: 0, extra: 0, complete: true, text: "nothing to copy" });
    expect(changes).toBe(false);
  });

  it("shows in a preview what is pending, and moves only that", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.source, "r1", 100);
    await world.put(world.source, "new", 1);
    const seen = await preview(world, outs, inputs);
    expect(seen).toMatchObject({ changes: true, plan: { pendingRows: 2, complete: true } });
    expect(seen.plan.text).toMatch(/^2 rows to copy\n/);
    const updated = await handler.update("id", outs, seen.inputs);
    expect(updated.outs["tableSummaries"]).toMatchObject([{ written: 2, unchanged: 2 }]);
    expect(updated.outs["runId"]).not.toBe(outs["runId"]);
    expect((await preview(world, updated.outs, inputs)).changes).toBe(false);
  });

  it("refuses to overwrite a row that somebody else changed, names it, keeps the rest, and asks again", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.destination, "r1", 666);
    await world.put(world.source, "r2", 222);
    const seen = await preview(world, outs, inputs);
    expect(seen).toMatchObject({ changes: true, plan: { conflicts: 1, pendingRows: 1 } });
    const error = await failing(handler.update("id", outs, seen.inputs));
    expect(error).toBeInstanceOf(PartialResult);
    expect(error.message).toMatch(/Cities: 1 row \(conflict \("p", "r1"\): "population"\)/);
    expect(error.message).toMatch(/set conflicts to "overwrite"/);
    const { id, properties, reasons } = error as PartialResult;
    expect({ id, reasons }).toEqual({ id: "id", reasons: [error.message] });
    expect(properties).toMatchObject({ __provider: "text", complete: false });
    expect(properties["tableSummaries"]).toMatchObject([{ written: 1, conflicts: 1 }]);
    expect(holdsSecret(properties) || holdsSecret(error.message)).toBe(false);
    expect((await preview(world, properties, inputs)).changes).toBe(true);
    const told = await handler.update("id", properties, { ...inputs, conflicts: "overwrite" });
    expect(told.outs).toMatchObject({ complete: true });
  });

  it("runs for a row that somebody changed in the destination, though nothing else is pending", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.destination, "r1", 666);
    expect(await preview(world, outs, inputs)).toMatchObject({ changes: true, plan: { conflicts: 1, pendingRows: 0 } });
  });

  it("does not mind the order of a table's settings: the wire gives them in any", async () => {
    const { world, handler, inputs } = await setUp();
    const one = { table: "Cities", renames: { population: "people", x: "y" }, mode: "replace" };
    const { outs } = await handler.create({ ...inputs, tables: [one] });
    const other = { mode: "replace", renames: { x: "y", population: "people" }, table: "Cities" };
    expect((await preview(world, outs, { ...inputs, tables: [other] })).changes).toBe(false);
  });

  it("looks again when the destination has rows of its own, unless they are accepted", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.destination, "extra", 1);
    expect(await preview(world, outs, inputs)).toMatchObject({ changes: true, plan: { extra: 1, pendingRows: 0 } });
    const accepted = await handler.update("id", outs, { ...inputs, deletes: "accept" });
    expect((await preview(world, accepted.outs, { ...inputs, deletes: "accept" })).changes).toBe(false);
  });

  it("keeps what it achieved when a table cannot be finished, and goes on there", async () => {
    const { world, handler, inputs } = await setUp();
    const given = { ...inputs, tables: [{ table: "Cities" }, { table: "Late" }] };
    const broken = new OperationalError({ code: "AuthorizationPermissionMismatch", message: "The token cannot read." });
    let reads = 0;
    world.intercept = (account, store) => new Proxy(store, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (account !== "contosotables" || name !== "readPage" || typeof value !== "function") return value;
        return (table: string, ...rest: unknown[]) => {
          // The preflight may read; the copy then may not.
          if (table === "Late" && (reads += 1) > 2) return Promise.reject(broken);
          return (value as (...args: unknown[]) => unknown).call(target, table, ...rest);
        };
      },
    });
    for (let at = 0; at < 5; at += 1) await world.put(world.source, `r${at}`, at, "Late");
    const error = await failing(handler.create(given));
    if (!(error instanceof PartialResult)) throw error;
    expect(error.message).toMatch(/Not everything was copied\. Table Late: .*The token cannot read/s);
    expect(error.properties).toMatchObject({ __provider: "text", complete: false });
    expect(world.destination.rows("Cities")).toHaveLength(3);
    world.intercept = (_account, store) => store;
    expect((await preview(world, error.properties, given)).changes).toBe(true);
    const { outs } = await handler.update(error.id, error.properties, given);
    expect(outs).toMatchObject({ complete: true });
    expect(world.destination.rows("Late")).toHaveLength(5);
  });

  it("is no resource at all when nothing was written", async () => {
    const { handler, inputs } = await setUp();
    const error = await failing(handler.create({ ...inputs, tables: [{ table: "Missing" }] }));
    expect(error).toBeInstanceOf(OperationalError);
    expect(error.message).toMatch(/Missing/);
  });

  it("counts with the deployer's own authority while there are no tokens yet", async () => {
    const { world, inputs } = await setUp();
    const { changes, plan } = await preview(world, {}, { ...inputs, source: UNKNOWN, destination: UNKNOWN });
    expect(plan).toMatchObject({ pendingRows: 3, complete: true, tables: [{ table: "Cities", pendingRows: 3 }] });
    expect(changes).toBe(true);
    expect(world.requests).toMatchObject([{ command: "copy", dryRun: true }, { command: "preflight", dryRun: true }]);
    expect(world.requests[0]?.source).toMatchObject({ text: expect.stringMatching(/AccountKey=/) });
    expect(await world.destination.listTables()).toEqual([]);
  });

  it("cannot know while there is neither token nor authority, and asks nobody about unknown accounts", async () => {
    const { world, inputs } = await setUp();
    const unknown = { ...inputs, source: UNKNOWN, destination: UNKNOWN, destinationAccount: { account: UNKNOWN } };
    const first = await preview(world, {}, { ...unknown, sourceAccount: UNKNOWN });
    expect(first).toMatchObject({ changes: true, plan: { complete: false, text: "unknown until access exists" } });
    expect(first.plan).not.toHaveProperty("pendingRows");
    expect(world.requests).toEqual([]);
    expect([...world.access.accounts.values()].flatMap(({ calls }) => calls)).toEqual([]);
  });

  it("falls back to the deployer's authority when a token in state is dead, and counts", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    const expired = (inputs["source"] as string).replace("2999", "2020");
    const { plan, changes } = await preview(world, outs, { ...inputs, source: expired });
    expect({ plan, changes }).toMatchObject({ plan: { pendingRows: 0, complete: true }, changes: false });
  });

  it("takes what it could not count for pending: unknown is never nothing", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    const without = { ...inputs, sourceAccount: undefined, destinationAccount: undefined };
    const expired = (inputs["source"] as string).replace("2999", "2020");
    const { plan, changes } = await preview(world, outs, { ...without, source: expired });
    expect(plan.text).toMatch(/^unknown: .*expired/);
    expect(changes).toBe(true);
    expect(holdsSecret(plan)).toBe(false);
  });

  it("gives up counting at one deadline for all tables, says at least, and counts that as a change", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    world.intercept = (_account, store) => new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        return name === "readPage" ? () => new Promise(() => undefined) : value;
      },
    });
    const begun = Date.now();
    const tables = [{ table: "Cities" }];
    const { plan, changes } = await preview(world, outs, { ...inputs, tables, planSecondsMax: 1 });
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(plan).toMatchObject({ pendingRows: 0, complete: false, text: expect.stringMatching(/^at least 0 rows/) });
    expect(changes).toBe(true);
  });

  it("is never a change while frozen, and needs no credential then", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.source, "new", 1);
    world.requests.length = 0;
    const frozen = { ...inputs, source: "", destination: "", frozen: true, deletes: "accept" };
    const checked = await handler.check({ ...inputs, plan: { text: "as it was" } }, frozen);
    expect(checked.failures).toEqual([]);
    expect(planIn(checked.inputs).text).toBe("as it was");
    expect(await handler.diff("id", outs, checked.inputs)).toEqual({ changes: false });
    // A step that failed before is forced to update: even then nothing is read or written, and nothing forgotten.
    const { outs: after } = await handler.update("id", { ...outs, __provider: "text" }, checked.inputs);
    expect(after).toEqual({ ...outs, frozen: true });
    expect(world.requests).toEqual([]);
  });

  it("is not begun while frozen", async () => {
    const { handler, inputs } = await setUp();
    const { failures } = await handler.check({}, { ...inputs, frozen: true });
    expect(failures).toEqual([{ property: "frozen", reason: expect.stringMatching(/open temporary access/) }]);
    await expect(handler.create({ ...inputs, frozen: true })).rejects.toMatchObject({ code: "Frozen" });
  });

  it("thawed again, copies what came meanwhile", async () => {
    const { world, handler, inputs } = await setUp();
    const { outs } = await handler.create(inputs);
    await world.put(world.source, "new", 1);
    expect((await preview(world, { ...outs, frozen: true }, inputs)).changes).toBe(true);
  });

  it("touches no data when it is deleted or refreshed", async () => {
    const { world, handler, inputs } = await setUp();
    const { id, outs } = await handler.create(inputs);
    expect(await handler.read(id, outs)).toEqual({ id, props: outs });
    await handler.delete(id, outs);
    expect(world.destination.rows("Cities")).toHaveLength(3);
  });

  it.each([
    ["tables", [{ table: "no spaces" }], /"no spaces" is not a table's name/],
    ["concurrency", 1000, /256/],
    ["source", "", /no credential/],
  ])("refuses %s = %j in check", async (name, value, reason) => {
    const { handler, inputs, world } = await setUp(0);
    const { failures } = await handler.check({}, { ...inputs, [name]: value });
    expect(failures.map((failure) => failure.reason).join()).toMatch(reason);
    expect(world.requests).toEqual([]);
  });
});
