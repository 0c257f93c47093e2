import { compareKeys, type Row, type RowKey } from "../row";
import { scanPages } from "../scan";
import { withRetry } from "../retry";
import { throwIfStopped } from "../stop";
import { togetherEach } from "../together";
import type { SyncingTable } from "./syncing";

/** So many keys or more, lying as close as this together, are read a page at a time where rows come in order. */
const DENSE_KEYS_MIN = 32;

/**
 * What the destination holds at these keys, in their order; undefined where it holds nothing. `span`: how many rows lie
 * between the first and the last key, as far as is known. Point reads go through the account's gate, which bounds them.
 */
export async function destinationRows(
  syncing: SyncingTable,
  keys: readonly RowKey[],
  span: number,
): Promise<readonly (Row | undefined)[]> {
  const { run, settings } = syncing;
  const { source, destination } = run.context;
  // Rows of a source without an order lie anywhere, however many there are.
  const isDense = source.ordered && destination.ordered && keys.length >= DENSE_KEYS_MIN && keys.length * 8 >= span;
  if (isDense) return densely(syncing, keys);
  return togetherEach(keys, run.settings.concurrency, async (key) => {
    throwIfStopped(run.signal);
    return withRetry(run.writing, () => destination.readRow(settings.destinationTable, key));
  });
}

/** Two conditions, since a range's lower bound is exclusive: the first key is asked for by itself. */
async function densely(
  { run, settings }: SyncingTable,
  keys: readonly RowKey[],
): Promise<readonly (Row | undefined)[]> {
  const { destination } = run.context;
  const [first, last] = [keys[0] as RowKey, keys.at(-1) as RowKey];
  const found: (Row | undefined)[] = [
    await withRetry(run.writing, () => destination.readRow(settings.destinationTable, first)),
  ];
  for await (const { rows } of scanPages(run.writing, destination, settings.destinationTable, {
    range: { after: first, upTo: last },
  })) {
    throwIfStopped(run.signal);
    for (const row of rows) {
      let next = keys[found.length];
      for (; next && compareKeys(next, row) < 0; next = keys[found.length]) found.push(undefined);
      if (next && compareKeys(next, row) === 0) found.push(row);
    }
  }
  return keys.map((_, at) => found[at]);
}
