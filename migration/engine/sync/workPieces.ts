import { bytesOfRows } from "../rowBytes";
import type { Run } from "../run";
import { stopReason, throwIfStopped } from "../stop";
import type { Piece, Stretch } from "./stretch";

/** Pieces under way at once, at most: each makes a few small requests one after the other. */
const PIECES_AT_ONCE_MAX = 8;

/**
 * Works on pieces as they come, several at once, those of one recorded stretch one after the other. The first failure
 * ends it, once nothing is under way any more.
 */
export async function workPieces(
  run: Run,
  pieces: AsyncGenerator<Piece>,
  work: (piece: Piece) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const chains = new Map<Stretch, Promise<void>>();
  const failures: unknown[] = [];
  try {
    for await (const piece of pieces) {
      throwIfStopped(run.signal);
      if (failures.length > 0) break;
      const bytes = bytesOfRows(piece.rows);
      await run.inFlight.take(bytes);
      const owner = piece.cutOff?.stretch ?? piece.stretch;
      const before = chains.get(owner) ?? Promise.resolve();
      const done = before
        .then(() => (failures.length > 0 ? undefined : work(piece)))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => run.inFlight.give(bytes));
      chains.set(owner, done);
      underWay.add(done);
      void done.then(() => {
        underWay.delete(done);
        if (chains.get(owner) === done) chains.delete(owner);
      });
      if (underWay.size >= PIECES_AT_ONCE_MAX) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  } finally {
    await Promise.all(underWay);
    await pieces.return(undefined);
  }
  if (failures.length > 0) throw run.signal.aborted ? stopReason(run.signal) : failures[0];
}
