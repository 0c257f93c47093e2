import { compareSample } from "./compareSample";
import { keyOf, mergeByKey, type Pair } from "./merge";
import { differencesOf } from "./plan";
import { awaitQuietSince, changedSince, type Moment, type QuietSince } from "./quietSince";
import { emptyStream, RowStream, scanPages } from "./scan";
import { stopReason, throwIfStopped } from "./stop";
import { keyText, SideTally } from "./tally";
import { renamedPages } from "./transform";
import type { VerifyingTable } from "./verifyingTable";

export interface Sides {
  readonly source: SideTally;
  readonly destination: SideTally;
  /** Rows whose values were compared by a sample. */
  readonly sampled?: number;
}

/** In-flight keys remembered, so that a row seen twice is counted once. Above it, the count is an upper bound. */
const IN_FLIGHT_REMEMBERED_MAX = 100_000;

/** Compares one table at the run's level. */
export async function verifyTable(verifying: VerifyingTable): Promise<Sides> {
  const { run } = verifying;
  try {
    const quiet = await awaitQuietSince(verifying);
    const keysOnly = run.settings.level !== "full";
    const sides = { source: new SideTally(keysOnly), destination: new SideTally(keysOnly) };
    const left = openSide(verifying, "source", keysOnly);
    const right = openSide(verifying, "destination", keysOnly);
    const inFlight = new Set<string>();
    const sample = run.settings.level === "sample" ? compareSample(verifying) : undefined;
    try {
      for await (const pairs of mergeByKey(left, right)) {
        throwIfStopped(run.signal);
        sides.source.add(pairs, "source");
        sides.destination.add(pairs, "destination");
        verifying.tally.rows = sides.source.rows;
        for (const pair of pairs) {
          sample?.offer(pair);
          const noted = comparePair(verifying, pair, quiet, inFlight, keysOnly);
          if (noted) await noted;
        }
        run.meter.tick();
      }
    } finally {
      await left.close();
      await right.close();
    }
    await noteLateChanges(verifying, quiet, inFlight);
    if (!sample) return sides;
    return { ...sides, sampled: await sample.compare() };
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  }
}

function openSide(verifying: VerifyingTable, side: "source" | "destination", keysOnly: boolean): RowStream {
  const { run, settings } = verifying;
  const { source, destination } = run.context;
  if (side === "destination") {
    if (!verifying.destinationExists) return emptyStream();
    return new RowStream(scanPages(run.writing, destination, settings.destinationTable, { keysOnly }));
  }
  const request = { keysOnly, ...(settings.filter === undefined ? {} : { filter: settings.filter }) };
  const pages = scanPages(run.reading, source, settings.table, request);
  return new RowStream(keysOnly ? pages : renamedPages(verifying, pages));
}

/** Synchronous where there is nothing to tell: that is nearly every pair. */
function comparePair(
  { run, settings, tally, known }: VerifyingTable,
  pair: Pair,
  quiet: QuietSince,
  inFlight: Set<string>,
  keysOnly: boolean,
): Promise<void> | undefined {
  const { source, destination } = pair;
  const row = keyOf(pair);
  if (changedSince(source, quiet.source) || changedSince(destination, quiet.destination)) {
    if (inFlight.size < IN_FLIGHT_REMEMBERED_MAX) inFlight.add(keyText(row));
    return tally.note("inFlight", row);
  }
  if (!source) return known?.isKnownConflict(row) ? undefined : tally.note("extra", row);
  if (!destination) return tally.note("missing", row);
  if (keysOnly) return undefined;
  const differences = differencesOf(run.context.format, source, destination, settings.mode);
  if (differences.length === 0 || known?.isKnownConflict(row)) return undefined;
  return tally.note("different", row, differences);
}

/** Rows that changed behind the comparison's back, on either side, after it had passed them. */
async function noteLateChanges(
  { run, settings, tally, destinationExists }: VerifyingTable,
  quiet: QuietSince,
  inFlight: Set<string>,
): Promise<void> {
  const { source, destination } = run.context;
  const since = (at: Moment) => ({ changedSince: at.text, keysOnly: true });
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const scans = [scanPages(run.reading, source, settings.table, { ...since(quiet.source), ...filter })];
  if (destinationExists) {
    scans.push(scanPages(run.writing, destination, settings.destinationTable, since(quiet.destination)));
  }
  for (const pages of scans) {
    for await (const page of pages) {
      throwIfStopped(run.signal);
      for (const row of page.rows.filter((one) => !inFlight.has(keyText(one)))) {
        inFlight.add(keyText(row));
        await tally.note("inFlight", row);
      }
    }
  }
}
