import type { PreflightFinding } from "./outcome";
import { describeKey, type Row } from "./row";
import type { CapacityRules } from "./rowFormat";

/** What is known of throughput and prices; what is left out is not known, and is said not to be. */
export interface CapacityPlan {
  /** Highest throughput of a table while it is copied, in units a second. */
  readonly copyThroughput?: number;
  /** Highest throughput after that. */
  readonly steadyThroughput?: number;
  /** Such as EUR. */
  readonly currency?: string;
  /** Of throughput: for 100 units a second during an hour. */
  readonly per100UnitsHour?: number;
  /** Of storage, for a GB during a month. */
  readonly perGbMonth?: number;
  /** Regions that hold the data; each is paid for. Default 1. */
  readonly regions?: number;
}

const GB = 1024 ** 3;
const HOURS_PER_MONTH = 730;
/** Autoscale bills no less than this share of its maximum. */
const IDLE_SHARE = 0.1;
/** From here on a partition is near enough to its end to be told. */
const WARNING_SHARE = 0.8;

/** Sums up what a table's rows will take, in bounded memory: rows of one partition come one after another. */
export class CapacityTally {
  private rows = 0;
  private bytes = 0;
  private units = 0;
  private readUnits = 0;
  private partition: { readonly key: string; bytes: number } | undefined;
  private largest = { key: "", bytes: 0, past: undefined as Row | undefined };

  constructor(
    private readonly rules: CapacityRules,
    /** False: partitions are not told apart, since their rows come in no order. */
    private readonly ordered: boolean,
  ) {}

  add(row: Row): void {
    const bytes = this.rules.rowBytes(row);
    this.rows += 1;
    this.bytes += bytes;
    this.units += this.rules.writeUnits(bytes);
    this.readUnits += this.rules.readUnits(bytes);
    if (!this.ordered) return;
    if (this.partition?.key !== row.partitionKey) this.partition = { key: row.partitionKey, bytes: 0 };
    this.partition.bytes += bytes;
    if (this.partition.bytes <= this.largest.bytes) return;
    const past = this.partition.bytes > this.rules.partitionBytesMax ? this.largest.past ?? row : undefined;
    this.largest = { key: this.partition.key, bytes: this.partition.bytes, past };
  }

  /** The largest partition, where it is too large or nearly so. */
  private partitionFinding(table: string): readonly PreflightFinding[] {
    const { key, bytes, past } = this.largest;
    const max = this.rules.partitionBytesMax;
    if (bytes < max * WARNING_SHARE) return [];
    const size = `Table ${table}: partition ${JSON.stringify(key)} takes about ${inGb(bytes)} GB, and at most `
      + `${inGb(max)} GB fit into one`;
    const remedy = "Spread its rows over more partition keys in the source before the move.";
    const at = { side: "source", table } as const;
    return past === undefined
      ? [{ severity: "warning", code: "PartitionNearlyFull", ...at, message: `${size}. ${remedy}` }]
      : [{ severity: "error", code: "PartitionTooLarge", ...at,
          message: `${size}; row ${describeKey(past)} is the first that does not. ${remedy}` }];
  }

  /** @param complete false: the table has more rows than were looked at. */
  findings(table: string, complete: boolean, plan: CapacityPlan): readonly PreflightFinding[] {
    const message = [
      `Table ${table}: ${complete ? "" : "at least "}${this.rows} rows, about ${inGb(this.bytes)} GB.`,
      this.copyText(plan),
      this.steadyText(plan),
    ].join(" ");
    const estimate = { severity: "info", code: "CapacityEstimate", side: "destination", table, message } as const;
    return [...this.partitionFinding(table), estimate];
  }

  private copyText(plan: CapacityPlan): string {
    const { copyThroughput, regions = 1, per100UnitsHour } = plan;
    const units = `The copy takes about ${Math.ceil(this.units)} RU of writes, its verification about `
      + `${Math.ceil(this.readUnits)} RU of reads`;
    if (copyThroughput === undefined) return `${units}; its time is not known without a throughput.`;
    const hours = (this.units + this.readUnits) / copyThroughput / 3600;
    const cost = per100UnitsHour === undefined
      ? "its cost is not known, since the price of throughput is not"
      // Whole hours are billed, at the highest throughput reached in each.
      : `it costs about ${money(Math.ceil(hours) * (copyThroughput / 100) * per100UnitsHour * regions, plan)}`;
    return `${units}: at ${copyThroughput} RU/s about ${hours.toFixed(2)} hours; ${cost}.`;
  }

  private steadyText(plan: CapacityPlan): string {
    const { steadyThroughput, regions = 1, per100UnitsHour, perGbMonth } = plan;
    const storage = perGbMonth === undefined
      ? "storage at a price that is not known"
      : `storage ${money((this.bytes / GB) * perGbMonth * regions, plan)}`;
    if (steadyThroughput === undefined) return `After it, a month: ${storage}, throughput not known.`;
    if (per100UnitsHour === undefined) return `After it, a month: ${storage}, throughput at a price that is not known.`;
    const full = (steadyThroughput / 100) * per100UnitsHour * regions * HOURS_PER_MONTH;
    const range = `${money(full * IDLE_SHARE, plan)} to ${money(full, plan)}`;
    return `After it, a month: ${storage}, throughput ${range}, idle to busy at ${steadyThroughput} RU/s.`;
  }
}

function inGb(bytes: number): string {
  return (bytes / GB).toFixed(bytes < GB / 100 ? 6 : 2);
}

function money(amount: number, { currency = "(currency not named)" }: CapacityPlan): string {
  return `${amount.toFixed(2)} ${currency}`;
}
