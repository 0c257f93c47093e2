/** All results, or the first failure once all are over: nothing is left under way behind somebody's back. */
export async function together<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  return heard(await Promise.allSettled(promises));
}

function heard<T>(settled: readonly PromiseSettledResult<T>[]): readonly T[] {
  const failed = settled.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<T>).value);
}

/** `together`, so many at once. */
export async function togetherEach<Item, T>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<T>,
): Promise<readonly T[]> {
  return heard(await settleEach(items, atOnceMax, work));
}

/**
 * Works on all items, so many at once; every one is heard out, whatever becomes of the others. What waits costs nothing
 * but its place in the list.
 */
export async function settleEach<Item, T>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<T>,
): Promise<readonly PromiseSettledResult<T>[]> {
  const settled: PromiseSettledResult<T>[] = new Array<PromiseSettledResult<T>>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      try {
        settled[at] = { status: "fulfilled", value: await work(items[at] as Item) };
      } catch (reason) {
        settled[at] = { status: "rejected", reason };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
  return settled;
}
