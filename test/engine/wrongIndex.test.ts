import type { Store } from "../../migration/engine/store";
import { keyAt, only, World } from "./world";

/** A service that names the wrong operation of a batch it refuses, or none. */
function misnaming(store: Store, shown: (index: number, count: number) => number | undefined): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "write") {
        return async (...args: Parameters<Store["write"]>) => {
          const outcome = await target.write(...args);
          const [, operations] = args;
          if (outcome.committed || outcome.failedIndex === undefined || operations.length === 1) return outcome;
          return { ...outcome, failedIndex: shown(outcome.failedIndex, operations.length) };
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a service that names the wrong operation of a refused batch", () => {
  /** Sixty rows in three partitions; three of them no service would take. */
  async function world(): Promise<{ world: World; bad: readonly string[] }> {
    const made = new World();
    await made.seed(60);
    const bad = [7, 22, 24];
    const source = made.source as Store & { put: (table: string, entity: object) => Promise<unknown> };
    for (const at of bad) {
      const key = keyAt(at);
      await source.put("Cities", { PartitionKey: key.partitionKey, RowKey: key.rowKey, "a-b": at });
    }
    made.clock.advance(5_000);
    return { world: made, bad: bad.map((at) => keyAt(at).rowKey) };
  }

  it.each<[string, (index: number, count: number) => number | undefined]>([
    ["its neighbour's", (index, count) => (index + 1) % count],
    ["the first, always", () => 0],
    ["the last, always", (_index, count) => count - 1],
    ["none", () => undefined],
    ["the right one", (index) => index],
  ])("(%s) keeps no row from its place, and no refused row from being named", async (_title, shown) => {
    const { world: made, bad } = await world();
    const table = only(await made.copy({ destination: misnaming(made.destination, shown) }));
    expect(table.skipped).toEqual([{ reason: "PropertyNameInvalid", count: bad.length }]);
    const arrived = (await made.rows(made.destination)).map(({ rowKey }) => rowKey);
    const wanted = (await made.rows(made.source)).map(({ rowKey }) => rowKey).filter((rowKey) => !bad.includes(rowKey));
    expect(arrived).toEqual(wanted);
    expect(table.verdict).not.toBe("equal");
  });
});
