import type { MigrationKey, SegmentRecord } from "./journal";
import { nameOfHash, receiptsIn } from "./receipts";
import { withRetry } from "./retry";
import type { Run } from "./run";

/** Segments of earlier passes read at once: about half a mebibyte of receipts. */
export const SEGMENTS_READ_AT_ONCE = 25;

/** All segments of a migration, in order, a page at a time. */
export async function* segmentsOf(run: Run, migration: MigrationKey): AsyncGenerator<readonly SegmentRecord[]> {
  const { journal } = run.context;
  for (let after = 0; ; ) {
    const page = await withRetry(run.writing, () => journal.readSegments(migration, after, SEGMENTS_READ_AT_ONCE));
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = last.sequence;
  }
}

/** The names of keys that a segment has receipts of. */
export function namesIn({ receipts }: SegmentRecord): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { key } of receiptsIn(receipts)) names.add(nameOfHash(key));
  return names;
}
