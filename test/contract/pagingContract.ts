import type { RowKey } from "../../migration/engine/row";
import { compareKeys } from "../../migration/engine/row";
import type { Contract } from "./subject";
import { insert, key, keysOf, put, readAll, readPages, writeAll } from "./subject";

const sorted = (keys: readonly RowKey[]) => [...keys].sort(compareKeys);

/** Keys that sort, quote and encode differently where somebody is careless. The astral one sorts before U+FFEE. */
const AWKWARD_KEYS: readonly RowKey[] = ["", "A", "a", "a'b", "a''", "a b", "é", "z", "\u{1f600}", "\uffee"].flatMap(
  (partitionKey) => ["", "'", "1", "10", "2", "%27", "\u{1f600}", "\uffee"].map((rowKey) => key(partitionKey, rowKey)),
);

/** Bounds that are rows, and bounds between and beyond them. */
const BOUNDS: readonly (RowKey | undefined)[] = [
  undefined, key("", ""), key("", "'"), key("A", "\uffee"), key("a", "10"), key("a", "11"), key("a'b", ""),
  key("a'b", "'"), key("b", "x"), key("z", "\u{1f600}"), key("\u{1f600}", "1"), key("\uffee", "\uffee"),
];

/** What the store takes of the awkward keys. */
function awkwardKeys({ quirks }: Contract): readonly RowKey[] {
  if (!quirks.refusesEmptyKeys) return AWKWARD_KEYS;
  return AWKWARD_KEYS.filter(({ partitionKey, rowKey }) => partitionKey !== "" && rowKey !== "");
}

async function fill(contract: Contract, keys: readonly RowKey[], members = ""): Promise<string> {
  const table = await contract.freshTable();
  await writeAll(contract.store(), table, keys.map((one) => insert(one, members)));
  return table;
}

/** Order, pages and ranges. */
export function pagingContract(contract: Contract): void {
  const { store, quirks } = contract;
  const awkward = awkwardKeys(contract);

  it("hands out every row once, in key order where the store is ordered, in pages no larger than wanted", async () => {
    const table = await fill(contract, awkward);
    const pages = await readPages(store(), table, { rowsMax: 7 });
    expect(Math.max(...pages.map((rows) => rows.length))).toBeLessThanOrEqual(7);
    const keys = pages.flat();
    expect(keysOf(sorted(keys))).toEqual(keysOf(sorted(awkward)));
    expect(store().ordered).toBe(!quirks.isUnordered);
    // A store that says so must be so, or what rests on it is never tried.
    expect(JSON.stringify(keysOf(keys)) === JSON.stringify(keysOf(sorted(keys)))).toBe(!quirks.isUnordered);
  });

  it("pages through more rows than fit into one page", async () => {
    const keys = Array.from({ length: 1100 }, (_, n) => key("many", String(n).padStart(4, "0")));
    const table = await fill(contract, keys);
    const pages = await readPages(store(), table);
    expect(pages.length).toBeGreaterThan(1);
    expect(keysOf(sorted(pages.flat()))).toEqual(keysOf(keys));
  });

  it("ends an empty table with a page that says the server's time", async () => {
    const table = await contract.freshTable();
    const page = await store().readPage(table, {});
    expect(page.rows).toEqual([]);
    expect(page.next).toBeUndefined();
    expect(Math.abs(page.serverTimeMs - Date.now())).toBeLessThan(5_000);
  });

  it("reads exactly the rows after one key and up to another, whatever the keys hold", async () => {
    const table = await fill(contract, awkward);
    for (const after of BOUNDS) {
      for (const upTo of BOUNDS) {
        const range = { ...(after !== undefined && { after }), ...(upTo !== undefined && { upTo }) };
        const wanted = sorted(awkward).filter(
          (one) =>
            (after === undefined || compareKeys(one, after) > 0) && (upTo === undefined || compareKeys(one, upTo) <= 0),
        );
        const rows = await readAll(store(), table, { range, keysOnly: true });
        expect({ range, keys: keysOf(sorted(rows)) }).toEqual({ range, keys: keysOf(wanted) });
      }
    }
  });

  it("applies a filter besides the range, in pages", async () => {
    const table = await contract.freshTable();
    const numbered = Array.from({ length: 30 }, (_, n) => put(key(n < 15 ? "a" : "b", String(n + 10)), `"n":${n}`));
    await writeAll(store(), table, numbered);
    const rows = await readAll(store(), table, {
      filter: "n ge 5 and not (n eq 20)",
      range: { after: key("a", "20"), upTo: key("b", "32") },
      rowsMax: 3,
    });
    const wanted = Array.from({ length: 30 }, (_, n) => n).filter((n) => n > 10 && n <= 22 && n !== 20);
    expect(sorted(rows).map(({ rowKey }) => Number(rowKey) - 10)).toEqual(wanted);
  });

  it("reads what changed at or after a time the server gave, and nothing older; or refuses to say", async () => {
    const table = await contract.freshTable();
    if (quirks.refusesChangedSince) {
      const refused = { code: "TimestampFilterUnsupported", retryable: false };
      const changedSince = "2026-01-01T00:00:00Z";
      await expect(store().readPage(table, { changedSince })).rejects.toMatchObject(refused);
      const filter = "n eq 1 or Timestamp ge datetime'2026-01-01T00:00:00Z'";
      await expect(store().readPage(table, { filter })).rejects.toMatchObject(refused);
      await expect(store().readPage(table, { filter: "v eq 'Timestamp'" })).resolves.toMatchObject({ rows: [] });
      return;
    }
    for (let n = 0; n < 6; n += 1) {
      await writeAll(store(), table, [put(key("p", String(n)))]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const all = await readAll(store(), table);
    const watermark = all[3]?.modified ?? "";
    expect(watermark).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$/);
    const since = await readAll(store(), table, { changedSince: watermark });
    expect(since.map(({ rowKey }) => rowKey)).toEqual(["3", "4", "5"]);
    await writeAll(store(), table, [put(key("p", "0"), '"again":true')]);
    const later = await readAll(store(), table, { changedSince: all[5]?.modified ?? "" });
    expect(later.map(({ rowKey }) => rowKey)).toEqual(["0", "5"]);
  });

  it("reads keys, time and version alone where only they are wanted", async () => {
    const table = await fill(contract, [key("p", "r"), key("p", "s")], '"v":1');
    const full = await readAll(store(), table);
    const bare = await readAll(store(), table, { keysOnly: true });
    expect(bare.map(({ digest, body }) => [digest, body.length])).toEqual([[0n, 0], [0n, 0]]);
    const plain = (rows: typeof full) =>
      rows.map(({ partitionKey, rowKey, modified, version }) => ({ partitionKey, rowKey, modified, version }));
    expect(plain(bare)).toEqual(plain(full));
  });

  it("reads one row as a page shows it, and undefined where there is none", async () => {
    const table = await fill(contract, awkward, '"v":"x"');
    for (const row of await readAll(store(), table)) {
      expect(await store().readRow(table, row)).toEqual(row);
    }
    expect(await store().readRow(table, key("a", "nowhere"))).toBeUndefined();
    expect(await store().readRow(table, key("nowhere", "'"))).toBeUndefined();
  });
}
