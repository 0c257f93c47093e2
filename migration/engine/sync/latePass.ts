import type { TableRecord } from "../journal";
import { DIGEST_MODULUS } from "../row";
import type { Row } from "../row";
import { scanPages } from "../scan";
import type { Page } from "../store";
import { renamedPages } from "../transform";
import { OVERLAP_MS } from "./inSync";
import { lateByBuckets } from "./lateBuckets";
import { lateDeletes, Unclaimed } from "./lateDeletes";
import { latePiece } from "./lateWriters";
import { Recording } from "./recording";
import type { SourceTime } from "./sourceTime";
import { type Piece, StretchWalk } from "./stretch";
import type { SourceLook } from "./syncRecord";
import type { SyncingTable } from "./syncing";
import { workPieces } from "./workPieces";

/** What a whole reading of the source showed. */
export interface WholeLook {
  /** By its content; `atMs` is when this reading ended. */
  readonly look: SourceLook;
  /** The row that was changed last; undefined where there is none. */
  readonly newest: Row | undefined;
  /** More rows were deleted in the source than one run looks after. */
  readonly more: boolean;
}

/** Passes rows on, and keeps count of what they come to. */
class Looking {
  private rows = 0;
  private digest = 0n;
  newest: Row | undefined;

  async *watch(pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
    for await (const page of pages) {
      let sum = this.digest;
      for (const row of page.rows) {
        this.rows += 1;
        sum += row.digest;
        if (!this.newest || row.modified > this.newest.modified) this.newest = row;
      }
      this.digest = sum % DIGEST_MODULUS;
      yield page;
    }
  }

  look(atMs: number): SourceLook {
    return { atMs, rows: this.rows, digest: this.digest.toString(16).padStart(32, "0") };
  }
}

/** Follows what the source changed since the watermark. Throws `StretchFull` where a whole pass is needed first. */
export async function lateChanges(syncing: SyncingTable, record: TableRecord): Promise<void> {
  const { run, settings } = syncing;
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const changedSince = new Date((record.sync?.watermarkMs ?? 0) - OVERLAP_MS).toISOString();
  const pages = scanPages(run.reading, run.context.source, settings.table, { changedSince, ...filter });
  const recording = new Recording(syncing);
  const walk = new StretchWalk(recording.readSegments, { whole: false });
  const pieces = walk.pieces(renamedPages(syncing, pages));
  await workPieces(run, pieces, (piece) => latePiece(syncing, recording, piece));
}

/** Reads all of the source against the record of every row: changes, and what is not there any more. */
export async function wholeLatePass(syncing: SyncingTable, time: SourceTime): Promise<WholeLook> {
  const { run, settings } = syncing;
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const looking = new Looking();
  const scan = () => scanPages(run.reading, run.context.source, settings.table, filter);
  const watch = (pages: AsyncGenerator<Page>) => looking.watch(pages);
  const recording = new Recording(syncing);
  const unclaimed = new Unclaimed();
  const work = (piece: Piece) => latePiece(syncing, recording, piece);
  if (run.context.source.ordered) {
    const walk = new StretchWalk(recording.readSegments, { whole: true });
    await workPieces(run, walk.pieces(renamedPages(syncing, watch(scan()))), async (piece) => {
      unclaimed.add(piece.stretch, piece.rows);
      await work(piece);
    });
  } else {
    await lateByBuckets(syncing, { scan, watch, unclaimed, work });
  }
  const look = looking.look(time.latestMs);
  await lateDeletes(syncing, recording, unclaimed, look.rows);
  return { look, newest: looking.newest, more: unclaimed.more };
}
