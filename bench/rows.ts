/** How rows are spread over partitions. */
export type Shape = "batchable" | "scattered" | "hot";

export const SHAPES: readonly Shape[] = ["batchable", "scattered", "hot"];

/** Rows of one partition where rows can be written in batches of 100. */
const PARTITION_ROWS = 250;

const digits = (value: number, count: number) => String(value).padStart(count, "0");

/** Keys in ordinal order of `n`. */
export function keyOf(shape: Shape, n: number): readonly [partitionKey: string, rowKey: string] {
  const row = `order-${digits(n, 9)}`;
  if (shape === "hot") return ["the-only-partition", row];
  if (shape === "scattered") return [`customer-${digits(n, 9)}`, row];
  return [`customer-${digits(Math.floor(n / PARTITION_ROWS), 6)}`, row];
}

const CITIES = ["Amsterdam", "Nijmegen", "Utrecht", "Groningen", "Maastricht", "Zwolle", "Haarlem"];
/** Every second row has text that JSON must escape. */
const NOTES = [
  "left with the neighbours at number twelve, paid in full, no signature was wanted",
  'asked for \\"express\\"\\nleft with the neighbours at number twelve\\t(paid)',
];

/** A mixed-up number, the same for the same `n`: values should neither repeat nor compress to nothing. */
function mixed(n: number): number {
  let hash = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Row `n` as a request would carry it: ten properties of every type there is, about 700 bytes on the wire. */
export function entityJson(shape: Shape, n: number): string {
  const [partitionKey, rowKey] = keyOf(shape, n);
  const noise = mixed(n);
  const hex = digits(0, 8).concat(noise.toString(16)).slice(-8);
  const ticks = `${digits(noise % 1_000_000, 6)}7`;
  const orderedAt = `2026-03-${digits((n % 28) + 1, 2)}T10:30:${digits(noise % 60, 2)}.${ticks}Z`;
  return (
    `{"PartitionKey":"${partitionKey}","RowKey":"${rowKey}",` +
    `"city":"${CITIES[n % CITIES.length] ?? ""}","note":"${NOTES[n % 2] ?? ""}",` +
    `"address":"Kerkstraat ${n % 400}, 1017 GA, attention of the night shift",` +
    `"quantity":${noise % 10_000},"price@odata.type":"Edm.Double","price":${noise % 1000}.${n % 10},` +
    `"counter@odata.type":"Edm.Int64","counter":"${9_007_199_254_740_993n + BigInt(n)}",` +
    `"orderedAt@odata.type":"Edm.DateTime","orderedAt":"${orderedAt}",` +
    `"tracking@odata.type":"Edm.Guid","tracking":"${hex}-213d-42c9-9a79-3e9149a57833",` +
    `"paid":${n % 3 === 0},` +
    `"label@odata.type":"Edm.Binary","label":"${Buffer.from(`label ${hex} of the parcel`).toString("base64")}"}`
  );
}

/** Every how-manieth row changes, and how often it has by then: each change has another value. */
export interface Changing {
  readonly everyRows: number;
  readonly revision: number;
}

/** The rows below `rows` that change, as they are from then on; spread evenly over the table. */
export function* changedEntities(shape: Shape, rows: number, { everyRows, revision }: Changing): Generator<Buffer> {
  for (let n = revision % everyRows; n < rows; n += everyRows) {
    yield Buffer.from(entityJson(shape, n).replace('"city":"', `"city":"${revision} times moved, now `), "utf8");
  }
}

/** Rows `from` to `to`, without `to`. */
export function* entities(shape: Shape, from: number, to: number): Generator<Buffer> {
  for (let n = from; n < to; n += 1) yield Buffer.from(entityJson(shape, n), "utf8");
}
