import { OperationalError } from "../errors";
import { differencesOf } from "../plan";
import { describeKey } from "../row";
import { scanPages } from "../scan";
import { renamedPages } from "../transform";
import { destinationRows } from "./destinationRows";
import type { WholeLook } from "./latePass";
import { Recording } from "./recording";
import type { SourceTime } from "./sourceTime";
import { type Piece, StretchWalk } from "./stretch";
import type { DrainCounts, DrainEvidence } from "./syncOutcome";
import type { SourceLook } from "./syncRecord";
import type { SyncingTable } from "./syncing";
import { verifyUntouchedBuckets } from "./verifyUntouchedBuckets";
import { workPieces } from "./workPieces";

const MINUTE_MS = 60_000;

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function refuse(message: string): never {
  throw new OperationalError({ code: "SourceNotQuiet", message });
}

/**
 * For how long, in milliseconds, the source is shown to be quiet: no row of it was written for so long, by its own
 * server's clock, and an earlier look, so long ago, had seen the same rows with the same values: deletions leave no
 * time. Throws `SourceNotQuiet`, with the newest change.
 */
export function shownQuietMs(
  { settings, sync: { quietMinutes } }: Pick<SyncingTable, "settings" | "sync">,
  time: Pick<SourceTime, "startedMs">,
  earlier: SourceLook | undefined,
  { look, newest }: WholeLook,
): number {
  const quietMs = quietMinutes * MINUTE_MS;
  const table = `Table "${settings.table}" of the source`;
  const newestMs = newest === undefined ? -Infinity : Date.parse(newest.modified);
  if (quietMs > 0 && !(newestMs < time.startedMs - quietMs)) {
    refuse(
      `${table} is not quiet: row ${newest ? describeKey(newest) : ""} was written at ${newest?.modified ?? ""}, and ` +
        `${quietMinutes} minutes without a write were asked for. Find who still writes there, and run again.`,
    );
  }
  const same = earlier?.rows === look.rows && earlier.digest === look.digest;
  const shownMs = same ? Math.max(0, time.startedMs - earlier.atMs) : 0;
  if (shownMs >= quietMs) return shownMs;
  const fromMs = same ? earlier.atMs : look.atMs;
  const why = earlier === undefined ? "this was the first look at all of it"
    : same ? `it was looked at first at ${timeText(fromMs)}`
      : `since the look of ${timeText(earlier.atMs)} rows were changed or deleted (${earlier.rows} rows then, ` +
        `${look.rows} now)`;
  return refuse(
    `${table} is not shown to be quiet for ${quietMinutes} minutes yet: ${why}. Run again at ` +
      `${timeText(fromMs + quietMs)} of its server's clock, or later.`,
  );
}

/**
 * The last verification: of every row that is as landbridge left it both sides are read and compared, property by
 * property. What the application wrote after the switch is the destination's, and only counted. Writes nothing.
 */
export async function verifyUntouched(syncing: SyncingTable, quietMs: number): Promise<DrainEvidence> {
  const { run, settings } = syncing;
  const counts: DrainCounts = { compared: 0, different: 0, changedSince: 0, goneSince: 0 };
  if (!run.context.source.ordered) {
    await verifyUntouchedBuckets(syncing, counts);
    return { ...counts, quietMs };
  }
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const pages = renamedPages(syncing, scanPages(run.reading, run.context.source, settings.table, filter));
  const walk = new StretchWalk(new Recording(syncing).readSegments, { whole: false });
  await workPieces(run, walk.pieces(pages), (piece) => verifyPiece(syncing, piece, counts));
  return { ...counts, quietMs };
}

async function verifyPiece(
  syncing: SyncingTable,
  { stretch: { records }, rows }: Piece,
  counts: DrainCounts,
): Promise<void> {
  const { run, settings, tally } = syncing;
  const present = await destinationRows(syncing, rows, rows.length);
  for (const [at, row] of rows.entries()) {
    const destination = present[at];
    if (!destination) counts.goneSince += 1;
    else if (records.standing(destination) !== "asLeft") counts.changedSince += 1;
    else {
      counts.compared += 1;
      const differences = differencesOf(run.context.format, row, destination, settings.mode);
      if (differences.length === 0) continue;
      counts.different += 1;
      await tally.note("different", row, differences);
    }
  }
  run.meter.tick();
}
