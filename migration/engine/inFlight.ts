import { type QuietSince } from "./quietSince";
import type { RowKey } from "./row";
import { scanPages } from "./scan";
import { throwIfStopped } from "./stop";
import { keyText } from "./tally";
import { together } from "./together";
import type { VerifyingTable } from "./verifyingTable";

/** In-flight keys remembered, so that a row seen twice is counted once. Above it, the count is an upper bound. */
const IN_FLIGHT_REMEMBERED_MAX = 100_000;

/** Rows that changed while they were being compared: nothing can be said of them yet. */
export class InFlightRows {
  private readonly keys = new Set<string>();

  constructor(private readonly verifying: VerifyingTable) {}

  /** Tells of a row once, however often it is met. */
  note(row: RowKey): Promise<void> | undefined {
    const text = keyText(row);
    if (this.keys.has(text)) return undefined;
    if (this.keys.size < IN_FLIGHT_REMEMBERED_MAX) this.keys.add(text);
    return this.verifying.tally.note("inFlight", row);
  }

  /**
   * Rows that changed behind the comparison's back, after it had passed them. A side without an order is not asked:
   * Cosmos DB answers a question for changes with nothing, whatever changed.
   */
  async noteLateChanges(quiet: QuietSince): Promise<void> {
    const { run, settings, destinationExists } = this.verifying;
    const { source, destination } = run.context;
    const filter = settings.filter === undefined ? {} : { filter: settings.filter };
    const ofSource = { changedSince: quiet.source.text, keysOnly: true, ...filter };
    const ofDestination = { changedSince: quiet.destination.text, keysOnly: true };
    const scans = [
      ...(source.ordered ? [scanPages(run.reading, source, settings.table, ofSource)] : []),
      ...(destinationExists && destination.ordered
        ? [scanPages(run.writing, destination, settings.destinationTable, ofDestination)]
        : []),
    ];
    await together(scans.map(async (pages) => {
      for await (const page of pages) {
        throwIfStopped(run.signal);
        for (const row of page.rows) await this.note(row);
      }
    }));
  }
}
