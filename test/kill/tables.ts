import type { SimulatedAccount, StoredEntity } from "../simulated";
import { ZOO } from "../contract/zoo";
import type { Chance } from "../mutation/chance";

export const LARGE = "Large";
export const HOT = "Hot";
export const SCATTERED = "Scattered";

/** What is moved: a large table, a partition that takes everything, a partition for every row, hard values, nothing. */
export const TABLES = [LARGE, HOT, SCATTERED, "Zoo", "Empty"] as const;

export interface Sizes {
  readonly large: number;
  readonly hot: number;
  readonly scattered: number;
}

/** About two seconds of work. */
export const LONG: Sizes = { large: 8_000, hot: 3_000, scattered: 300 };
/** About one. */
export const SHORT: Sizes = { large: 4_000, hot: 1_500, scattered: 100 };

function rowText(partitionKey: string, rowKey: string, n: number): string {
  return `{"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)},"n":${n},` +
    `"name":"row ${n} é","area@odata.type":"Edm.Double","area":${n}.0,"at@odata.type":"Edm.DateTime",` +
    `"at":"2026-01-01T00:00:00.${String(n % 10_000_000).padStart(7, "0")}Z",` +
    `"wide@odata.type":"Edm.Int64","wide":"${9_007_199_254_740_993n + BigInt(n)}",` +
    '"zero@odata.type":"Edm.Double","zero":-0.0}';
}

const padded = (n: number) => String(n).padStart(6, "0");

/** The key of row `n` as it is seeded; a fraction gives a key between two others. */
function keyOf(table: string, n: number): readonly [string, string] {
  const row = padded(Math.floor(n)) + (Number.isInteger(n) ? "" : "x");
  if (table === LARGE) return [`p${Math.floor(n / 1_500)}`, row];
  return table === HOT ? ["hot", row] : [`p${row}`, "r"];
}

export function seed(source: SimulatedAccount, sizes: Sizes): void {
  const rows = (table: string, count: number) =>
    source.seedJson(table, Array.from({ length: count }, (_, n) => rowText(...keyOf(table, n), n)));
  rows(LARGE, sizes.large);
  rows(HOT, sizes.hot);
  rows(SCATTERED, sizes.scattered);
  source.seedJson("Zoo", ZOO.map(({ members }, n) =>
    `{"PartitionKey":"zoo","RowKey":"${padded(n)}"${members === "" ? "" : `,${members}`}}`));
  source.createTable("Empty");
}

/** Rows of somebody else, between and behind those that come. */
export function seedForeign(destination: SimulatedAccount, count: number): void {
  destination.seedJson(LARGE, Array.from({ length: count }, (_, n) => rowText(`p${n % 9}`, `foreign${padded(n)}`, n)));
}

/** Enough that some meet a row whose writing the kill cut off. */
const CHANGES_MAX = 300;

/** People change the source: rows updated, inserted between others and (where wanted) deleted. Says what was done. */
export function changeSource(source: SimulatedAccount, sizes: Sizes, chance: Chance, deleting: boolean): string {
  const counts = { updated: 0, inserted: 0, deleted: 0 };
  const kinds: readonly (keyof typeof counts)[] = ["updated", "inserted", ...(deleting ? ["deleted" as const] : [])];
  for (let left = 1 + chance.int(CHANGES_MAX); left > 0; left--) {
    const [table, size] = chance.pick([[LARGE, sizes.large], [HOT, sizes.hot], [SCATTERED, sizes.scattered]] as const);
    const n = chance.int(size);
    const what = chance.pick(kinds);
    counts[what] += 1;
    if (what === "deleted") source.table(table).rows.remove(...keyOf(table, n));
    else source.seedJson(table, [rowText(...keyOf(table, what === "inserted" ? n + 0.5 : n), n + 1_000_000)]);
  }
  return `${counts.updated} updated, ${counts.inserted} inserted, ${counts.deleted} deleted`;
}

/** Two texts are the same only if key, names, types and values are: a zero keeps its sign. */
export function valueText({ partitionKey, rowKey, properties }: StoredEntity): string {
  const exactly = (value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : Object.is(value, -0) ? "-0" : String(value);
  const texts = [...properties].map(([name, { type, value }]) => [name, type, exactly(value)]);
  return JSON.stringify([partitionKey, rowKey, texts.sort()]);
}
