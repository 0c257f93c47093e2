import { compareKeys, type Row, type RowKey } from "../../../migration/engine/row";
import type { Page, PageRequest, Store } from "../../../migration/engine/store";
import { memoryStore } from "../../../migration/stores/memory";

/** Draws a table's keys. */
export type Keys = (random: () => number, count: number) => readonly RowKey[];

const digits = (value: number, width: number) => String(Math.floor(value)).padStart(width, "0");
const hex = (random: () => number, width: number) =>
  Array.from({ length: width }, () => Math.floor(random() * 16).toString(16)).join("");

/** How tables are keyed in the wild. */
export const KEYS: Readonly<Record<string, Keys>> = {
  "one partition, numbered": (_, count) =>
    Array.from({ length: count }, (__, at) => ({ partitionKey: "all", rowKey: digits(at, 8) })),
  "partitions of one row, at random": (random, count) =>
    Array.from({ length: count }, () => ({ partitionKey: hex(random, 32), rowKey: "" })),
  "a partition a day, times within": (random, count) => Array.from({ length: count }, () => ({
    partitionKey: `2024-${digits(1 + random() * 12, 2)}-${digits(1 + random() * 28, 2)}`,
    rowKey: digits(random() * 86_400_000, 8),
  })),
  "few customers, most rows with one of them": (random, count) => Array.from({ length: count }, () => ({
    partitionKey: random() < 0.8 ? "customer-0" : `customer-${Math.floor(random() * 40)}`,
    rowKey: hex(random, 16),
  })),
  "sizes that fall by a power": (random, count) => Array.from({ length: count }, () => ({
    partitionKey: `tenant-${digits(1 / (random() + 1e-4), 5)}`,
    rowKey: digits(random() * 1e9, 9),
  })),
  "ticks counted down, behind a long prefix": (random, count) => Array.from({ length: count }, () => ({
    partitionKey: `telemetry/device/${digits(random() * 300, 4)}`.replaceAll("/", "|"),
    rowKey: digits(2_518_000_000_000 - random() * 1e10, 13),
  })),
};

const modified = "2026-01-01T00:00:00.0000000Z";

/** Of about 5 KB, so that a page of a sample holds 100 rows; rows share them. */
const BODIES = [4_600, 5_000, 5_400].map((bytes) => Buffer.from(JSON.stringify({ note: "x".repeat(bytes) })));

function rowOf(key: RowKey, random: () => number): Row {
  const body = BODIES[Math.floor(random() * BODIES.length)] as Buffer;
  return { ...key, body, digest: 0n, modified, version: `W/"${modified}"` };
}

/** A store with one table of these keys, each once, which answers pages as a service does. */
export function sortedStore(keys: readonly RowKey[], random: () => number): Store & { readonly rows: readonly Row[] } {
  const sorted = [...keys].sort(compareKeys).filter((key, at, all) => {
    const before = all[at - 1];
    return before === undefined || compareKeys(before, key) !== 0;
  });
  const rows = sorted.map((key) => rowOf(key, random));
  const firstBehind = (key: RowKey) => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(rows[middle] as Row, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const readPage = (_table: string, { range, continuation, rowsMax = 1_000 }: PageRequest): Promise<Page> => {
    const from = continuation ? Number(continuation["at"]) : range?.after ? firstBehind(range.after) : 0;
    const end = range?.upTo ? firstBehind(range.upTo) : rows.length;
    const to = Math.min(end, from + rowsMax);
    const next = to < end ? { next: { at: String(to) } } : {};
    return Promise.resolve({ rows: rows.slice(from, to), serverTimeMs: 0, ...next });
  };
  const store = memoryStore({ name: "contoso" });
  return Object.assign(Object.create(store) as Store, { readPage, tableExists: () => Promise.resolve(true), rows });
}
