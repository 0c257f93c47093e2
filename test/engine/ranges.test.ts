import fc from "fast-check";

import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { keysBetween } from "../../migration/engine/keysBetween";
import { compareKeys, type RowKey } from "../../migration/engine/row";
import type { PageRequest, Store, WriteOperation } from "../../migration/engine/store";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { hooked, only, TABLE, World } from "./world";

/** A store whose pages are so small that a small table is worked on in ranges. */
function withSmallPages(store: Store, rows: number): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "readPage") return typeof value === "function" ? value.bind(target) : value;
      return (table: string, request: PageRequest) => {
        const rowsMax = table === TABLE ? Math.min(rows, request.rowsMax ?? rows) : (request.rowsMax ?? 1_000);
        return target.readPage(table, { ...request, rowsMax });
      };
    },
  });
}

async function fill(world: World, keys: readonly RowKey[]): Promise<void> {
  await world.source.createTable(TABLE);
  for (const [at, { partitionKey, rowKey }] of keys.entries()) {
    const body = Buffer.from(JSON.stringify({ PartitionKey: partitionKey, RowKey: rowKey, n: at }));
    const outcome = await world.source.write(TABLE, [{ kind: "insert", key: { partitionKey, rowKey }, body }]);
    if (!outcome.committed) throw outcome.error;
  }
  world.clock.advance(5_000);
}

/** Where the scans of a table began that were not probes: one for each range. */
function beginnings(store: Store): { readonly store: Store; readonly begun: Set<string> } {
  const begun = new Set<string>();
  const before = (method: string, [table, request]: readonly unknown[]) => {
    const { range, keysOnly, continuation, changedSince } = request as PageRequest;
    if (method !== "readPage" || table !== TABLE || keysOnly || continuation || changedSince) return;
    begun.add(JSON.stringify(range?.after ?? null));
  };
  return { store: hooked(store, { before }), begun };
}

const digits = (at: number) => String(at).padStart(6, "0");
const hexadecimal = (at: number) => ((at * 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
const emoji = (at: number) => String.fromCodePoint(0x1f300 + (at % 500)) + String.fromCodePoint(0x20000 + at);
const shapes: readonly [string, (at: number) => RowKey][] = [
  ["one hot partition", (at) => ({ partitionKey: "hot", rowKey: digits(at) })],
  ["one row per partition", (at) => ({ partitionKey: digits(at), rowKey: "" })],
  ["a hot partition among small ones", (at) => ({ partitionKey: at % 9 ? "m" : `z${at % 5}`, rowKey: digits(at) })],
  ["empty partition keys", (at) => ({ partitionKey: "", rowKey: at === 0 ? "" : digits(at) })],
  ["surrogate pairs", (at) => ({ partitionKey: emoji(at), rowKey: emoji(at) })],
  ["units up to U+FFFF", (at) => ({ partitionKey: String.fromCharCode(0xffff - (at % 7)), rowKey: digits(at) })],
  ["keys that begin with each other", (at) => ({ partitionKey: "ab".repeat(at % 40), rowKey: digits(at) })],
  ["hexadecimal keys", (at) => ({ partitionKey: hexadecimal(at), rowKey: "r" })],
  ["Chinese keys", (at) => ({ partitionKey: String.fromCharCode(0x4e00 + ((at * 37) % 20_000)), rowKey: digits(at) })],
];

function sorted(keys: readonly RowKey[]): readonly RowKey[] {
  return [...keys].sort(compareKeys);
}

describe("looking for keys in between", () => {
  const units = fc.constantFrom("0", "9", "a", "z", "~", "é", "中", "文", "\ud7ff", "😀", "𠀀", "\ufffd", "\uffff");
  const text = fc.array(units, { maxLength: 4 }).map((all) => all.join(""));
  const keys = fc.array(fc.record({ partitionKey: text, rowKey: text }), { minLength: 1, maxLength: 60 });

  it("finds places strictly inside, in order, with rows behind each, whatever keys look like", async () => {
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (all, [one], count, open) => {
        const there = sorted(all);
        const after = there[0] as RowKey;
        const upTo = open ? undefined : sorted([one as RowKey, there.at(-1) as RowKey])[1];
        const firstAfter = async (key: RowKey) => there.find((row) => compareKeys(row, key) > 0);
        const found = await keysBetween(firstAfter, after, upTo, count);
        expect(found.length).toBeLessThanOrEqual(count);
        for (const [at, key] of found.entries()) {
          expect(compareKeys(key, found[at - 1] ?? after)).toBeGreaterThan(0);
          if (upTo) expect(compareKeys(key, upTo)).toBeLessThan(0);
          // Both sides of each place have something to do, or the division would be in vain.
          expect(there.some((row) => compareKeys(row, key) >= 0)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(shapes)("divides %s at a bounded cost", async (_, keyAt) => {
    const there = sorted(Array.from({ length: 3_000 }, (_unused, at) => keyAt(at)));
    let asked = 0;
    const firstAfter = async (key: RowKey) => {
      asked += 1;
      return there.find((row) => compareKeys(row, key) > 0);
    };
    const after = there[20] as RowKey;
    const found = await keysBetween(firstAfter, after, undefined, 7);
    const ends = [0, ...found.map((key) => there.findIndex((row) => compareKeys(row, key) > 0)), there.length];
    const largest = Math.max(...ends.slice(1).map((end, at) => end - (ends[at] as number)));
    // None holds nearly all; one that turns out large is divided again later.
    expect(largest).toBeLessThan(0.95 * there.length);
    expect(asked).toBeLessThanOrEqual(250);
  });
});

describe("a table worked on in ranges", () => {
  it.each(shapes)("with %s arrives whole, is verified, and a second pass finds nothing to do", async (_, keyAt) => {
    const world = new World();
    await fill(world, Array.from({ length: 400 }, (_unused, at) => keyAt(at)));
    const { store: source, begun } = beginnings(withSmallPages(world.source, 10));
    expect(only(await world.copy({ source }))).toMatchObject({ verdict: "equal", written: 400, conflicts: 0 });
    // Where each key begins with all those before it there is one place to divide at, and it is reached too soon.
    expect(begun.size).toBeGreaterThan(keyAt(1).partitionKey === "ab" ? 0 : 2);
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    const destination = withSmallPages(world.destination, 10);
    const again = only(await world.copy({ source, destination }));
    expect(again).toMatchObject({ verdict: "equal", written: 0, unchanged: 400 });
  });

  it("keeps what ranges write at once apart in the journal: sequences rise with keys", async () => {
    const world = new World();
    await fill(world, Array.from({ length: 600 }, (_unused, at) => ({ partitionKey: digits(at), rowKey: "" })));
    await world.copy({ source: withSmallPages(world.source, 10) });
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const segments = await journal.readSegments(migration, 0);
    expect(segments.length).toBeGreaterThan(2);
    segments.forEach(({ upTo, sequence }, at) => {
      const before = segments[at - 1];
      if (!before) return;
      expect(sequence).toBeGreaterThan(before.sequence);
      expect(compareKeys(before.upTo, upTo)).toBeLessThan(0);
    });
    expect(segments.reduce((sum, { receipts }) => sum + receipts.length / 17, 0)).toBe(600);
  });

  it("divides a later pass where segments end, so that no receipt is lost and nothing is journalled anew", async () => {
    const world = new World();
    await world.seedInOnePartition(12_000);
    await world.copy();
    const before = await world.texts(world.destination);
    const { store: source, begun } = beginnings(withSmallPages(world.source, 100));
    let journalled = 0;
    const destination = hooked(withSmallPages(world.destination, 100), {
      before: (method, [table, operations]) => {
        const rows = (operations as readonly { key: RowKey }[] | undefined) ?? [];
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += rows.filter(({ key }) => key.rowKey.startsWith("segment-")).length;
      },
    });
    expect(only(await world.copy({ source, destination }))).toMatchObject({ verdict: "equal", unchanged: 12_000 });
    expect(begun.size).toBeGreaterThan(2);
    expect(journalled).toBe(0);
    // Every receipt still stands: a change of the source is applied, one of somebody else's is refused.
    for (const at of [5, 4_000, 7_999, 8_000, 11_999]) {
      await world.put(world.source, { partitionKey: "p", rowKey: digits(at) }, { n: -at });
    }
    await world.put(world.destination, { partitionKey: "p", rowKey: digits(6_000) }, { n: 1 });
    expect(only(await world.copy({ source, destination }))).toMatchObject({ written: 5, conflicts: 1 });
    expect(before).toHaveLength(12_000);
  });

  it("stays one range while it is small", async () => {
    const world = new World();
    await world.seedInOnePartition(3_000);
    const { store: source, begun } = beginnings(world.source);
    const probes: unknown[] = [];
    const counting = hooked(source, {
      before: (method, [, request]) => {
        if (method === "readPage" && (request as PageRequest).range?.after) probes.push(request);
      },
    });
    expect(only(await world.copy({ source: counting }))).toMatchObject({ verdict: "equal" });
    expect(begun.size).toBe(1);
    expect(probes).toEqual([]);
  });

  it("ends with one error when a range fails, and leaves no request under way", async () => {
    const world = new World();
    await fill(world, Array.from({ length: 400 }, (_unused, at) => ({ partitionKey: digits(at), rowKey: "" })));
    let active = 0;
    let calls = 0;
    const source = hooked(withSmallPages(world.source, 10), {
      before: async (method, [table]) => {
        if (method !== "readPage" || table !== TABLE) return;
        active += 1;
        calls += 1;
        await world.clock.sleep(5);
        active -= 1;
        if (calls > 120) throw new Error("defect");
      },
    });
    await expect(world.copy({ source })).rejects.toThrow("defect");
    expect(active).toBe(0);
  });
});

/** The table's record with more ranges than one or two. */
function recordsRanges(operations: readonly WriteOperation[]): boolean {
  const record = operations.find(({ key }) => key.rowKey === "table");
  return record?.body !== undefined && "range2First" in JSON.parse(Buffer.from(record.body).toString());
}

describe("a run in ranges that is killed", () => {
  const KEYS = Array.from({ length: 300 }, (_, at) => ({ partitionKey: digits(at * 7), rowKey: "" }));

  /** Dies at its nth call to the destination. */
  function dyingAt(world: World, nth: number): { readonly destination: Store; readonly calls: () => number } {
    let calls = 0;
    const before = () => {
      calls += 1;
      if (calls >= nth) throw new Error("killed");
    };
    return { destination: hooked(world.destination, { before }), calls: () => calls };
  }

  it("at any of its calls goes on to the same result, range by range", async () => {
    for (let nth = 1; ; nth += nth < 40 ? 1 : 37) {
      const world = new World();
      await fill(world, KEYS);
      const source = withSmallPages(world.source, 7);
      const dying = dyingAt(world, nth);
      const settings = { deletes: "propagate" as const };
      const { destination } = dying;
      const finished = await world.copy({ source, destination, settings }).then(() => true, () => false);
      await world.put(world.source, { partitionKey: digits(14), rowKey: "" }, { n: -1 });
      await world.put(world.source, { partitionKey: digits(1_001), rowKey: "new" }, { n: -2 });
      await world.remove(world.source, { partitionKey: digits(1_400), rowKey: "" });
      const table = only(await world.copy({ source, settings }));
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "equal", conflicts: 0, missing: 0, extra: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      if (finished && dying.calls() < nth) return;
    }
  });

  it("reads at most a page of acknowledged rows again in each range that was under way", async () => {
    const world = new World();
    await world.seedInOnePartition(20_000);
    let left = Infinity;
    const destination = hooked(world.destination, {
      before: async (method, [table, operations]) => {
        if (method !== "write") return;
        // Writes take their time, so that ranges have come to different points when the run dies.
        await world.clock.sleep(table === TABLE ? 20 : 1);
        if (table !== JOURNAL_TABLE) return;
        if (left <= 0) throw new Error("killed");
        left -= 1;
        if (left === Infinity && recordsRanges(operations as readonly WriteOperation[])) left = 1;
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const record = await journal.readTable(migration);
    const ranges = record?.ranges ?? [];
    expect(ranges.length).toBeGreaterThan(2);
    const held = await world.rows(world.destination);
    // Rows in the destination behind their range's position: what a restart reads again.
    const again = held.filter((row) => {
      const range = ranges.find(({ upTo }) => !upTo || compareKeys(row, upTo) <= 0);
      return !range?.complete && (!range?.position || compareKeys(row, range.position) > 0);
    });
    expect(again.length).toBeLessThanOrEqual(2_000 * ranges.length);
    const { store: source, begun } = beginnings(world.source);
    expect(only(await world.copy({ source, settings: { level: "none" } })).written).toBe(20_000 - held.length);
    for (const { position } of ranges.filter(({ complete }) => !complete)) {
      if (position) expect(begun).toContain(JSON.stringify(position));
    }
  });
});
