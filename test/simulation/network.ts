import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { RowKey } from "../../migration/engine/row";
import type { BatchOutcome, Page, PageRequest, Store, WriteOperation } from "../../migration/engine/store";
import { faultError, type Fault, type Faults, WORK } from "./faults";
import type { Ground } from "./ground";
import type { Asked, Log, Side } from "./log";
import type { Process } from "./process";
import type { Rng } from "./rng";
import type { Network as Plan } from "./scenario";
import type { Scheduler } from "./scheduler";

/** The work of a request that was under way when its process died still arrives this often. */
const ARRIVES_AFTER_DEATH = 0.5;

/** A service gives up a request after 30 s (Microsoft: "Query timeout and pagination"): nothing lands later. */
const LATE_MS_MAX = 30_000;

/** Methods that ask nobody. */
const LOCAL = new Set(["wireBytes", "close"]);

type Answer = { readonly value: unknown } | { readonly error: unknown };

interface World {
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly faults: Faults;
  readonly random: Rng;
  readonly plan: Plan;
  readonly grounds: Readonly<Record<Side, Ground>>;
  /** Called when a call was carried out, with its place among the calls to its side and the rows it is about. */
  readonly carriedOut: (asked: Asked, sideCall: number, keys: readonly RowKey[]) => Promise<void>;
  /** Called when somebody's write to the journal was carried out. */
  readonly journalled: (by: string, keys: readonly RowKey[]) => Promise<void>;
  /** Called with each call that a process makes, before it goes out, and when its answer comes. */
  readonly watch: (process: Process, when: "before" | "after") => void;
}

/** What lies between processes and accounts: every call takes time, can get lost, and is written down. */
export class Network {
  private calls = 0;

  constructor(private readonly world: World) {}

  /** The side's store, as this process reaches it. */
  open(process: Process, side: Side): Store {
    const { store } = this.world.grounds[side];
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (LOCAL.has(String(name))) return value.bind(target);
        return (...args: readonly unknown[]) => this.call(process, side, String(name), args);
      },
    });
  }

  private call(process: Process, side: Side, method: string, args: readonly unknown[]): Promise<unknown> {
    const { log, faults, random, plan, scheduler, watch } = this.world;
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      process.calls += 1;
      this.calls += 1;
      watch(process, "before");
      if (!process.alive) return;
      const { id } = process;
      const asked = log.add<Asked>({ kind: "asked", call: this.calls, by: id, side, method, ...details(method, args) });
      const fault = faults.take(side);
      const sideCall = faults.calls[side];
      if (fault) log.add({ kind: "fault", fault: fault.kind, by: `${side} call` });
      const spike = !faults.off && random.chance(plan.spikeChance) ? random.int(0, plan.spikeMsMax) : 0;
      const thereMs = random.int(plan.latencyMsMin, plan.latencyMsMax) + spike;
      const backMs = random.int(plan.latencyMsMin, plan.latencyMsMax);
      const answer = (given: Answer, delayMs: number) =>
        scheduler.after(delayMs, () => {
          this.written(asked, given);
          watch(process, "after");
          if (!process.alive) return;
          if ("error" in given) reject(given.error);
          else resolve(given.value);
        }, process);
      scheduler.after(thereMs, () => void this.arrive({ process, asked, sideCall, args, fault, backMs, answer }));
    });
  }

  private async arrive(request: {
    readonly process: Process;
    readonly asked: Asked;
    readonly sideCall: number;
    readonly args: readonly unknown[];
    readonly fault: Fault | undefined;
    readonly backMs: number;
    readonly answer: (given: Answer, delayMs: number) => void;
  }): Promise<void> {
    const { process, asked, sideCall, args, fault, backMs, answer } = request;
    const { random, scheduler } = this.world;
    if (!process.alive && !random.chance(ARRIVES_AFTER_DEATH)) return;
    const writing = asked.method === "write";
    const slowMs = fault && fault.kind !== "busyRetryAfter" ? fault.delayMs : 0;
    const onTheWire = fault !== undefined && this.world.grounds[asked.side].arm(fault);
    if (!fault || onTheWire || WORK[fault.kind] === "done") {
      const done = await this.carryOut(asked, args, fault, false);
      await this.lieInWait(asked, sideCall, done);
      const error = fault && !onTheWire ? faultError(fault, writing) : undefined;
      return answer(error ? { error } : done, backMs + slowMs);
    }
    await this.lieInWait(asked, sideCall, undefined);
    answer({ error: faultError(fault, writing) }, backMs + slowMs);
    if (WORK[fault.kind] !== "later" || !writing) return;
    const lateMs = backMs + slowMs + random.int(0, LATE_MS_MAX - Math.min(slowMs, LATE_MS_MAX));
    scheduler.after(lateMs, () => void this.carryOut(asked, args, undefined, true));
  }

  /** The work itself, as one moment; what it changed is read from the account, not from the answer. */
  private carryOut(
    asked: Asked,
    args: readonly unknown[],
    fault: Fault | undefined,
    late: boolean,
  ): Promise<Answer> {
    const { scheduler, grounds, plan } = this.world;
    const ground = grounds[asked.side];
    const keys = (asked.operations ?? []).map(({ key }) => key);
    const watched = asked.method === "write" && asked.table !== JOURNAL_TABLE;
    return scheduler.real(async () => {
      const before = watched ? ground.held(asked.table, keys) : [];
      const answer = await attempt(ground.store, asked.method, args, plan.pageRowsMax, fault);
      ground.disarm();
      const after = watched ? ground.held(asked.table, keys) : [];
      keys.forEach((key, at) => watched && this.changed(asked, key, late, before[at], after[at]));
      if (keys.length > 0 && asked.table === JOURNAL_TABLE) await this.world.journalled(asked.by, keys);
      return answer;
    });
  }

  private async lieInWait(asked: Asked, sideCall: number, done: Answer | undefined): Promise<void> {
    const { faults, scheduler, carriedOut } = this.world;
    if (faults.off || asked.table === JOURNAL_TABLE) return;
    const read = done && "value" in done && asked.method === "readPage" ? (done.value as Page).rows : [];
    const keys = asked.operations?.map(({ key }) => key) ?? (asked.key ? [asked.key] : read);
    if (keys.length > 0) await scheduler.real(() => carriedOut(asked, sideCall, keys));
  }

  private changed(
    { by, side, table }: Asked,
    { partitionKey, rowKey }: RowKey,
    late: boolean,
    before: ReturnType<Ground["held"]>[number],
    after: ReturnType<Ground["held"]>[number],
  ): void {
    if (before?.stamp === after?.stamp) return;
    const was = before ? { before } : {};
    const is = after ? { after } : {};
    this.world.log.add({ kind: "committed", side, table, by, late, partitionKey, rowKey, ...was, ...is });
  }

  private written(asked: Asked, given: Answer): void {
    const { log } = this.world;
    if ("error" in given) {
      const { code, message } = given.error as { readonly code?: string; readonly message?: string };
      log.add({ kind: "answered", asked, failed: code ?? `defect: ${message}` });
    } else if (asked.method === "readPage") {
      const { rows, next } = given.value as Page;
      log.add({ kind: "answered", asked, rows, last: next === undefined });
    } else if (asked.method === "readRow") {
      log.add({ kind: "answered", asked, rows: given.value ? [given.value as Page["rows"][number]] : [] });
    } else if (asked.method === "write") {
      log.add({ kind: "answered", asked, outcome: given.value as BatchOutcome });
    } else {
      log.add({ kind: "answered", asked });
    }
  }
}

function details(method: string, args: readonly unknown[]) {
  const table = typeof args[0] === "string" ? args[0] : "";
  if (method === "readPage") return { table, page: args[1] as PageRequest };
  if (method === "readRow") return { table, key: args[1] as RowKey };
  if (method === "write") return { table, operations: args[1] as readonly WriteOperation[] };
  return { table };
}

async function attempt(
  store: Store,
  method: string,
  args: readonly unknown[],
  pageRowsMax: number,
  fault: Fault | undefined,
): Promise<Answer> {
  try {
    if (method === "readPage") {
      const [table, request] = args as [string, PageRequest];
      const rowsMax = Math.min(request.rowsMax ?? pageRowsMax, pageRowsMax);
      const value = await store.readPage(table, { ...request, rowsMax });
      if (fault?.kind !== "emptyPage" || !request.continuation) return { value };
      return { value: { ...value, rows: [], next: request.continuation } };
    }
    const work = Reflect.get(store, method) as (...all: unknown[]) => Promise<unknown>;
    return { value: await work.apply(store, [...args]) };
  } catch (error) {
    return { error };
  }
}
