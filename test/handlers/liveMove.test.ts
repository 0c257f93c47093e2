import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Store, WriteOperation } from "../../migration/engine/store";
import { closeMove } from "../../migration/handlers/closing";
import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { tableCopyHandler } from "../../migration/handlers/tableCopy";
import type { ExecuteResult } from "../../migration/run/request";
import { FABRIKAM, holdsSecret, moveWorld, type MoveWorld } from "./moveWorld";

/** A live move as Pulumi drives it: check, diff, create or update. */
class LiveMove {
  readonly world: MoveWorld = moveWorld();
  readonly handler = tableCopyHandler(this.world.ports);
  olds: Properties | undefined;

  /** One `up`; undefined where there was nothing to do. */
  async up(changes: Properties): Promise<Properties | undefined> {
    const { inputs, failures } = await this.handler.check(this.olds ?? {}, {
      ...this.world.inputs, deletes: "propagate", ...changes,
    });
    expect(failures).toEqual([]);
    if (this.olds === undefined) {
      this.olds = (await this.handler.create(inputs)).outs;
      return this.olds;
    }
    if (!(await this.handler.diff("id", this.olds, inputs)).changes) return undefined;
    this.olds = (await this.handler.update("id", this.olds, inputs)).outs;
    return this.olds;
  }

  rows(side: "source" | "destination"): readonly string[] {
    return this.world[side].rows("Cities").map(({ body }) => Buffer.from(body).toString("utf8"));
  }
}

const CLOSING = { account: FABRIKAM };

function journalOf(world: MoveWorld): string {
  return world.destination.rows(JOURNAL_TABLE).map(({ body }) => Buffer.from(body).toString("utf8")).join();
}

async function begun(): Promise<LiveMove> {
  const move = new LiveMove();
  for (const at of [1, 2, 3]) await move.world.put(move.world.source, `r${at}`, at);
  const outs = await move.up({ phase: "sync" });
  expect(outs).toMatchObject({ reachedPhase: "sync", complete: true });
  expect(outs?.["summary"]).toContain("3 rows written");
  expect(outs?.["lagSeconds"]).toBeLessThan(60);
  return move;
}

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(() => new Error("it did not fail"), (error: unknown) => error as Error);
}

describe("TableCopy with a phase", () => {
  it("follows the source with every up, shows what is pending before, and goes through all phases", async () => {
    const move = await begun();
    const { world } = move;
    await world.put(world.source, "r2", 22);
    expect(await move.up({ phase: "sync" })).toMatchObject({ reachedPhase: "sync", plan: { pendingRows: 1 } });
    expect(move.rows("destination")).toEqual(move.rows("source"));
    expect(await move.up({ phase: "switched" })).toMatchObject({ reachedPhase: "switched" });
    await world.put(world.source, "r3", 33);
    await world.put(world.destination, "r1", 11);
    expect(await move.up({ phase: "switched" })).toMatchObject({ lateApplied: 1, lateConflictRows: 0 });
    expect(await move.up({ phase: "drained", quietMinutes: 0 })).toMatchObject({ reachedPhase: "drained" });
    expect(await move.up({ phase: "drained", quietMinutes: 0 })).toBeUndefined();
    expect(await move.up({ phase: "done" })).toMatchObject({ reachedPhase: "done" });
    expect(await move.up({ phase: "done" })).toBeUndefined();
    const commands = world.requests.flatMap(({ command, dryRun }) => (dryRun === true ? [] : [command]));
    expect(new Set(commands)).toEqual(new Set(["sync"]));
  });

  it("fails a configuration that the journal contradicts, keeps its state, and says what comes next", async () => {
    const move = await begun();
    const error = await failure(move.up({ phase: "drained" }));
    expect(error).not.toBeInstanceOf(PartialResult);
    expect(error.message).toContain("Next comes \"switched\"");
    await move.up({ phase: "switched" });
    expect((await failure(move.up({ phase: "sync" }))).message).toContain("does not come back");
    // Nor does a stack that forgot its phase copy over what the application writes.
    expect((await failure(move.up({ phase: undefined }))).message).toContain("the application writes");
  });

  it("does not close access for phase done before the source was drained", async () => {
    const move = await begun();
    const closed = { phase: "done", frozen: true } as const;
    await move.up({ phase: "switched" });
    expect((await failure(move.up(closed))).message).toContain("before \\\"done\\\" is \\\"drained\\\"");
    // Drained was applied, and not reached: state has the phase that was asked for, and the one that was left.
    const early = await failure(move.up({ phase: "drained", quietMinutes: 60 }));
    expect(early).toBeInstanceOf(PartialResult);
    move.olds = (early as PartialResult).properties;
    expect(move.olds).toMatchObject({ phase: "drained" });
    expect((await failure(move.up(closed))).message).toContain("Apply \"drained\" first");
    await move.up({ phase: "drained", quietMinutes: 0 });
    expect(await move.up({ ...closed, closing: CLOSING })).toMatchObject({ reachedPhase: "done" });
  });

  it("drains and verifies once more after the source was shut, and not once the fence is gone", async () => {
    const move = await begun();
    await move.up({ phase: "switched" });
    const drained = { phase: "drained", quietMinutes: 0 } as const;
    const first = await move.up(drained);
    await move.world.put(move.world.source, "r3", 33);
    const shut = await move.up({ ...drained, afterFence: "2026-01-02T00:00:00Z" });
    expect(shut).toMatchObject({ reachedPhase: "drained", lateApplied: 1, afterFence: "2026-01-02T00:00:00Z" });
    expect(shut?.["runId"]).not.toBe(first?.["runId"]);
    expect(await move.up({ ...drained, afterFence: "2026-01-02T00:00:00Z" })).toBeUndefined();
    expect(await move.up(drained)).toBeUndefined();
  });

  it("takes a drained source for proven only while its last comparison says so", async () => {
    const move = await begun();
    const { world } = move;
    await move.up({ phase: "switched" });
    const drained = await move.up({ phase: "drained", quietMinutes: 0 });
    expect(drained?.["verifiedAt"]).toBeDefined();
    // A destination that lost a value without changing the version: no service does, and nothing is taken on trust.
    world.intercept = (account, store) => account !== "fabrikamtables" ? store : new Proxy(store, {
      get: (target, name) => name !== "readRow" ? Reflect.get(target, name)
        : async (...args: Parameters<Store["readRow"]>) => {
          const row = await target.readRow(...args);
          const text = row && Buffer.from(row.body).toString("utf8").replace(/("population":)\d+/, "$17");
          return row && { ...row, body: Buffer.from(text ?? "") };
        },
    });
    const again = await failure(move.up({ phase: "drained", quietMinutes: 0, lateConflicts: "destination-wins" }));
    expect(again).toBeInstanceOf(PartialResult);
    move.olds = (again as PartialResult).properties;
    expect(move.olds).toMatchObject({ reachedPhase: "drained", complete: false });
    expect(move.olds["verifiedAt"]).toBeUndefined();
    const closed = { phase: "done", frozen: true, closing: CLOSING } as const;
    expect((await failure(move.up(closed))).message).toContain("found differences in drained tables");
    world.intercept = (_, store) => store;
    const proven = await move.up({ phase: "drained", quietMinutes: 0 });
    // With access still open, too, being done proves nothing more: the proof keeps its time.
    await world.put(world.source, "r1", 1, "Elsewhere");
    const done = await move.up({ phase: "done" });
    expect(done).toMatchObject({ reachedPhase: "done", verifiedAt: proven?.["verifiedAt"] });
  });

  it("tells the journal that the move is over, with the source gone and by the deployer's own access", async () => {
    const move = await begun();
    const { world } = move;
    await move.up({ phase: "switched" });
    const drained = await move.up({ phase: "drained", quietMinutes: 0 });
    world.intercept = (account, store) => {
      if (account === "contosotables") throw new Error("The source was opened.");
      return store;
    };
    const closed = { phase: "done", frozen: true, source: "", destination: "", closing: CLOSING } as const;
    const done = await move.up(closed);
    expect(done).toMatchObject({ reachedPhase: "done", phase: "done", reportPath: drained?.["reportPath"] });
    expect(holdsSecret(done)).toBe(false);
    expect(journalOf(world)).toContain('"syncPhase":"done"');
    // Once is enough.
    expect(await move.up(closed)).toBeUndefined();
    // The journal, not state, refuses whoever would begin again.
    world.intercept = (_, store) => store;
    expect((await failure(move.up({ phase: "sync", frozen: false }))).message).toContain('in phase "done"');
  });

  it("keeps access where the journal cannot be told, and says why", async () => {
    const move = await begun();
    const { world } = move;
    await move.up({ phase: "switched" });
    await move.up({ phase: "drained", quietMinutes: 0 });
    const closed = { phase: "done", frozen: true, source: "", destination: "", closing: CLOSING } as const;
    const error = await failure(move.up({ ...closed, closing: undefined }));
    expect(error.message).toContain("`closing` has to name the destination's account");
    const olds = { ...move.olds, sourceIdentity: undefined };
    const earlier = await failure(closeMove(olds, { ...closed, tables: "all" }, world.ports));
    expect(earlier.message).toContain("Apply phase \"drained\" once more");
    expect(move.olds).toMatchObject({ reachedPhase: "drained" });
    expect(journalOf(world)).toContain('"syncPhase":"drained"');
  });

  it("never leaves out why the journal could not be told", async () => {
    const { world } = await begun();
    const report = { tables: [{ table: "Cities", sync: { phase: "drained" } }] };
    const olds = { sourceIdentity: "contosotables", tableSummaries: [] };
    const news = { phase: "done", closing: CLOSING, tables: "all" };
    const result = { exitCode: 3, report } as unknown as ExecuteResult;
    const silent = { ...world.ports, execute: () => Promise.resolve(result) };
    await expect(closeMove(olds, news, silent)).rejects.toMatchObject({
      code: "CannotClose", message: expect.stringContaining("exit code 3, and Cities is drained. Run again."),
    });
  });

  it("fails for late changes that could overwrite newer data until somebody decided", async () => {
    const move = await begun();
    const { world } = move;
    await move.up({ phase: "switched" });
    await world.put(world.destination, "r1", 11);
    await world.put(world.source, "r1", -1);
    const error = await failure(move.up({ phase: "switched" }));
    expect(error).toBeInstanceOf(PartialResult);
    expect(error.message).toContain("destination-wins");
    expect(await move.up({ phase: "switched", lateConflicts: "destination-wins" })).toMatchObject({ complete: true });
    expect(await move.up({ phase: "switched" })).toMatchObject({ complete: true, lateConflictRows: 0 });
    expect(move.rows("destination")[0]).toContain("11");
  });

  it("fails for a row that the destination refuses, and names it: no verification follows that would", async () => {
    const move = await begun();
    const { world } = move;
    const refusal = new OperationalError({ code: "PropertyNameReserved", message: "id is the service's." });
    world.intercept = (account, store) => new Proxy(store, {
      get: (target, name) => name !== "write" || account !== "fabrikamtables" ? Reflect.get(target, name)
        : async (table: string, operations: readonly WriteOperation[]) => {
          const failedIndex = operations.findIndex(({ key }) => key.rowKey === "r4");
          if (failedIndex < 0) return target.write(table, operations);
          return { committed: false, reason: "invalid", failedIndex, error: refusal };
        },
    });
    await world.put(world.source, "r4", 4);
    for (const phase of ["sync", "sync"]) {
      const error = await failure(move.up({ phase }));
      expect(error).toBeInstanceOf(PartialResult);
      expect(error.message).toContain("r4");
    }
    expect((await failure(move.up({ phase: "switched" }))).message).toContain("stays in phase");
  });

  it("refuses what is no phase, with the value", async () => {
    const { handler, world } = new LiveMove();
    const { failures } = await handler.check({}, { ...world.inputs, phase: "switch", quietMinutes: -1 });
    expect(failures.map(({ property }) => property).sort()).toEqual(["phase", "quietMinutes"]);
    expect(failures.find(({ property }) => property === "phase")?.reason).toContain("\"switch\" is not a phase");
  });
});
