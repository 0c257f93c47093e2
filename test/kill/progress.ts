import { compareKeys, type RowKey } from "../../migration/engine/row";
import { JOURNAL_TABLE, type TableRecord } from "../../migration/engine/journal";
import type { Store } from "../../migration/engine/store";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { VirtualClock } from "../engine/virtualClock";

/** A stretch of keys whose rows the journal calls acknowledged: after < key <= upTo. */
export interface Stretch {
  readonly after: RowKey | undefined;
  readonly upTo: RowKey | undefined;
}

/** How far a table's pass had come, by the journal. */
export interface Progress {
  readonly pass: number;
  readonly complete: boolean;
  readonly acknowledged: readonly Stretch[];
  /** Ranges that were not through. */
  readonly rangesOpen: number;
}

/** A record speaks of the table as one range, or of several. */
type Positions = Pick<TableRecord, "pass" | "complete"> & {
  readonly position?: RowKey | undefined;
  readonly ranges?: readonly {
    readonly upTo?: RowKey | undefined;
    readonly position?: RowKey | undefined;
    readonly complete: boolean;
  }[];
};

export function progressOf(record: Positions): Progress {
  const ranges = record.ranges ?? [{ upTo: undefined, position: record.position, complete: record.complete }];
  const acknowledged = ranges.flatMap(({ upTo, position, complete }, i): Stretch[] => {
    const after = i === 0 ? undefined : ranges[i - 1]?.upTo;
    if (complete) return [{ after, upTo }];
    return position === undefined ? [] : [{ after, upTo: position }];
  });
  const { pass, complete } = record;
  return { pass, complete, acknowledged, rangesOpen: ranges.filter((range) => !range.complete).length };
}

export function isAcknowledged({ acknowledged }: Progress, key: RowKey): boolean {
  return acknowledged.some(({ after, upTo }) =>
    (after === undefined || compareKeys(key, after) > 0) && (upTo === undefined || compareKeys(key, upTo) <= 0));
}

/** What the journal says of a table, through its port, whatever its records look like. */
export async function readProgress(destination: Store, source: Store, table: string): Promise<Progress | undefined> {
  const journal = tableJournal(destination, JOURNAL_TABLE, { clock: new VirtualClock() });
  const record = await journal.readTable({ source: source.identity, table, destinationTable: table });
  return record === undefined ? undefined : progressOf(record);
}
