/** Requests to one account's management under way at once: well below what Resource Manager throttles at. */
const CONCURRENCY_MAX = 8;

/**
 * Runs `work` for every item, a few at once, and gives the results in the items' order. When one fails, no new one
 * begins; those under way are awaited, then the first error is thrown.
 */
export async function forEachTable<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const errors: unknown[] = [];
  const worker = async () => {
    for (const [index, item] of queue) {
      if (errors.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY_MAX, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return results;
}
