import { scanPages } from "../scan";
import { Recording } from "./recording";
import { StretchWalk } from "./stretch";
import type { SyncingTable } from "./syncing";
import { workPieces } from "./workPieces";

/**
 * Cuts recorded segments into which many rows came since, by the source's keys: a pass over sides without an order
 * leaves segments as they are, and a record must not outgrow what the journal holds. Reads keys, writes only cuts.
 */
export async function recutSegments(syncing: SyncingTable): Promise<void> {
  const { run, settings } = syncing;
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const pages = scanPages(run.reading, run.context.source, settings.table, { keysOnly: true, ...filter });
  const recording = new Recording(syncing);
  const walk = new StretchWalk(recording.readSegments, { whole: true });
  await workPieces(run, walk.pieces(pages), async (piece) => {
    if (piece.cutOff) await recording.records(piece);
  });
}
