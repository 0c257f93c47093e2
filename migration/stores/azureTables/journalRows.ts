import type { BatchOutcome, Store, WriteOperation } from "../../engine/store";
import type { Row, RowKey } from "../../engine/row";
import type { TableLeases } from "./journalLeases";

/** Rounds of looking again; each is met by another write that nobody heard of, so one is rare and three are not. */
const ROUNDS_MAX = 5;

/** An entity of the journal to be written, whatever this run knows of it. */
export interface JournalPut {
  readonly key: RowKey;
  readonly body: Uint8Array;
}

/**
 * Writes the journal's entities under the versions that this run knows. A request that was given up may still be
 * carried out, seconds later: unconditional, it would put an older record over a newer one. So would a run whose
 * machine was suspended and whose lease another one took. Memory: a version per segment read and not yet settled.
 */
export class JournalRows {
  private readonly versions = new Map<string, string>();

  constructor(
    private readonly store: Store,
    private readonly table: string,
    private readonly leases: TableLeases,
  ) {}

  /**
   * What was read; the version counts from now on. Where this run knew another, somebody wrote in between: throws
   * `LeaseLost` if another run holds the lease by now, whose record must not be taken for this run's own.
   */
  async seen(destinationTable: string, row: Row): Promise<Row> {
    const known = this.versions.get(nameOf(row));
    if (known !== undefined && known !== row.version) await this.leases.mustHold(destinationTable);
    this.versions.set(nameOf(row), row.version);
    return row;
  }

  /**
   * All or nothing. Where a version is not the one known, whoever still holds the lease is right: throws `LeaseLost`
   * if that is another run, else takes note and writes again.
   */
  async put(destinationTable: string, puts: readonly JournalPut[]): Promise<void> {
    for (let round = 1; ; round += 1) {
      const outcome = await this.store.write(this.table, puts.map((put) => this.operation(put)));
      if (outcome.committed) return this.written(puts, outcome);
      if (outcome.reason === "invalid" || round >= ROUNDS_MAX) throw outcome.error;
      await this.leases.mustHold(destinationTable);
      await this.lookAgain(puts);
    }
  }

  /** Removes an entity as it was when last seen; one that is another by now stays. */
  async remove(key: RowKey): Promise<void> {
    const version = this.versions.get(nameOf(key));
    if (version === undefined) return;
    const outcome = await this.store.write(this.table, [{ kind: "delete", key, version }]);
    if (!outcome.committed && outcome.reason === "invalid") throw outcome.error;
    this.versions.delete(nameOf(key));
  }

  private operation({ key, body }: JournalPut): WriteOperation {
    const version = this.versions.get(nameOf(key));
    return version === undefined ? { kind: "insert", key, body } : { kind: "replace", key, body, version };
  }

  private written(puts: readonly JournalPut[], { versions }: Extract<BatchOutcome, { committed: true }>): void {
    puts.forEach(({ key }, at) => this.versions.set(nameOf(key), versions[at] ?? ""));
  }

  private async lookAgain(puts: readonly JournalPut[]): Promise<void> {
    for (const { key } of puts) {
      const row = await this.store.readRow(this.table, key);
      if (row) this.versions.set(nameOf(row), row.version);
      else this.versions.delete(nameOf(key));
    }
  }
}

function nameOf({ partitionKey, rowKey }: RowKey): string {
  return `${partitionKey} ${rowKey}`;
}
