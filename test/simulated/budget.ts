import type { ServiceError } from "./errors";
import { requestUnits, RequestUnits } from "./requestUnits";
import { RowRates } from "./rowRates";

/** A request that changes rows of one partition, or a page of rows that was found. */
export interface Spending {
  readonly account: string;
  readonly table: string;
  /** Of each row, in the order in which they are touched; a page without rows has none. */
  readonly partitionKeys: readonly string[];
  /** Of a write: the request's body; of a read: the answer's. */
  readonly bytes: number;
  readonly kind: "write" | "read" | "query";
}

/** What was admitted and refused within one second of the service's life. */
export interface BudgetSecond {
  /** Whole seconds since 1970. */
  readonly second: number;
  readonly rows: number;
  readonly refusals: number;
}

/** Rows a second, as Storage limits them: 503 ServerBusy beyond. */
export interface RowBudget {
  readonly kind: "rows";
  /** Within one partition of one table; without limit where left out. */
  readonly partitionRowsPerSecond?: number;
  /** Over the whole account; without limit where left out. */
  readonly accountRowsPerSecond?: number;
  /** How many seconds' worth may be used at once after a rest; 1 where left out. */
  readonly burstSeconds?: number;
  /** The same for a partition; as for the account where left out. */
  readonly partitionBurstSeconds?: number;
  /** Only writes count. */
  readonly readsAreFree?: boolean;
  /** Retry-After of a refusal; the service sends none where left out. */
  readonly retryAfterSeconds?: number;
}

/** Request units a second, as Cosmos limits them: 429 TooManyRequests beyond. */
export interface RequestUnitBudget {
  readonly kind: "requestUnits";
  /** Of each table. */
  readonly unitsPerSecond: number;
  /** Partition keys are spread over so many, and each has an equal share of the units; 1 where left out. */
  readonly physicalPartitions?: number;
  /** Say `x-ms-retry-after-ms`. The service is known to leave it out (azure-sdk-for-net issue 13554). */
  readonly retryHeader?: boolean;
}

export type Budget = RowBudget | RequestUnitBudget;

/** learn.microsoft.com/azure/storage/tables/scalability-targets */
export const STORAGE_BUDGET: RowBudget = {
  kind: "rows",
  partitionRowsPerSecond: 2_000,
  accountRowsPerSecond: 20_000,
};

/** Decides for one account who comes in. */
export interface Gatekeeper {
  /** The refusal; undefined where the spending is admitted, and then it is paid for. */
  refusal(spending: Spending, nowMs: number): ServiceError | undefined;
}

/** An hour: longer runs lose their oldest seconds. */
const SECONDS_REMEMBERED_MAX = 3_600;

/** The budget of a service, kept account by account, and what became of it. */
export class Budgets {
  private readonly gates = new Map<string, Gatekeeper>();
  private readonly seconds = new Map<string, BudgetSecond[]>();
  private charged = 0;

  constructor(
    private readonly budget: Budget | undefined,
    private readonly now: () => number,
  ) {}

  /** Admits what is spent, or throws the service's refusal. */
  admit(spending: Spending): void {
    const { budget } = this;
    this.charged += requestUnits(spending);
    if (budget === undefined) return;
    const { account } = spending;
    let gate = this.gates.get(account);
    if (gate === undefined) {
      gate = budget.kind === "rows" ? new RowRates(budget) : new RequestUnits(budget);
      this.gates.set(account, gate);
    }
    const nowMs = this.now();
    const refusal = gate.refusal(spending, nowMs);
    this.note(account, Math.floor(nowMs / 1000), refusal === undefined ? spending.partitionKeys.length : undefined);
    if (refusal !== undefined) throw refusal;
  }

  /** Request units of everything since this was last asked. */
  takeCharge(): number {
    const { charged } = this;
    this.charged = 0;
    return charged;
  }

  /** Second by second, oldest first; seconds in which nobody came are missing. */
  usage(account: string): readonly BudgetSecond[] {
    return this.seconds.get(account) ?? [];
  }

  /** `rows` were admitted; undefined: a request was refused. */
  private note(account: string, second: number, rows: number | undefined): void {
    const all = this.seconds.get(account) ?? [];
    this.seconds.set(account, all);
    const last = all.at(-1);
    const before = last?.second === second ? last : { second, rows: 0, refusals: 0 };
    if (last?.second === second) all.pop();
    all.push({ second, rows: before.rows + (rows ?? 0), refusals: before.refusals + (rows === undefined ? 1 : 0) });
    if (all.length > SECONDS_REMEMBERED_MAX) all.shift();
  }
}
