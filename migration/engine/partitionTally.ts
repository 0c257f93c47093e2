import type { PreflightFinding } from "./outcome";
import { describeKey, type Row } from "./row";
import type { CapacityRules } from "./rowFormat";

const GB = 1024 ** 3;
/** From here on a partition is near enough to its end to be told. */
const WARNING_SHARE = 0.8;

/** Looks for partitions that do not fit, in bounded memory: rows of one partition come one after another. */
export class PartitionTally {
  private partition: { readonly key: string; bytes: number } | undefined;
  private largest = { key: "", bytes: 0, past: undefined as Row | undefined };

  constructor(
    private readonly rules: CapacityRules,
    /** False: partitions are not told apart, since their rows come in no order. */
    private readonly ordered: boolean,
  ) {}

  add(row: Row): void {
    if (!this.ordered) return;
    if (this.partition?.key !== row.partitionKey) this.partition = { key: row.partitionKey, bytes: 0 };
    this.partition.bytes += this.rules.rowBytes(row);
    if (this.partition.bytes <= this.largest.bytes) return;
    const past = this.partition.bytes > this.rules.partitionBytesMax ? this.largest.past ?? row : undefined;
    this.largest = { key: this.partition.key, bytes: this.partition.bytes, past };
  }

  /** The largest partition, where it is too large or nearly so. */
  findings(table: string): readonly PreflightFinding[] {
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
}

function inGb(bytes: number): string {
  return (bytes / GB).toFixed(bytes < GB / 100 ? 6 : 2);
}
