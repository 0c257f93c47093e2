import { randomRow } from "../arbitrary";
import type { Chance } from "../chance";
import { type ModelRow, present, type RowChange, sameProperty } from "../row";
import type { Kind } from "./kind";

type Change = (rows: readonly ModelRow[], chance: Chance) => readonly RowChange[] | undefined;

const kind = (name: string, make: Change): Kind => ({ name, group: "row", make });

function has(rows: readonly ModelRow[], { partitionKey, rowKey }: ModelRow): boolean {
  return rows.some((row) => row.partitionKey === partitionKey && row.rowKey === rowKey);
}

/** The same row under another key: one goes, one comes. Declines where the key stays or is taken. */
function moved(name: string, change: (row: ModelRow) => Partial<ModelRow>): Kind {
  return kind(name, (rows, chance) => {
    const row = chance.pick(rows);
    const after = { ...row, ...change(row) };
    return has(rows, after) ? undefined : [{ before: row }, { after }];
  });
}

function otherCase(key: string): string {
  return key === key.toLowerCase() ? key.toUpperCase() : key.toLowerCase();
}

function otherForm(key: string): string {
  const composed = key.normalize("NFC");
  return composed === key ? key.normalize("NFD") : composed;
}

/** Whatever the rows hold, they must not be equal: else nothing would have changed. */
function unequal(a: ModelRow, b: ModelRow): boolean {
  const left = present(a);
  const right = present(b);
  return left.size !== right.size || [...left].some(([name, value]) => {
    const other = right.get(name);
    return other === undefined || !sameProperty(value, other);
  });
}

export const ROWS: readonly Kind[] = [
  kind("a row missing", (rows, chance) => [{ before: chance.pick(rows) }]),
  kind("the first row missing", (rows) => rows.slice(0, 1).map((before) => ({ before }))),
  kind("the last row missing", (rows) => rows.slice(-1).map((before) => ({ before }))),
  kind("a row more", (rows, chance) => {
    const after = randomRow(chance);
    return has(rows, after) ? undefined : [{ after }];
  }),
  kind("a row more, before the first", () => [{ after: { partitionKey: "", rowKey: "", properties: [] } }]),
  kind("a row more, after the last", () => [{ after: { partitionKey: "\uffee", rowKey: "z", properties: [] } }]),
  kind("a row twice, under a second key", (rows, chance) => {
    const row = chance.pick(rows);
    return [{ after: { ...row, rowKey: `${row.rowKey}!` } }];
  }),
  kind("two rows' contents swapped", (rows, chance) => {
    const [a, b] = chance.shuffled(rows);
    if (a === undefined || b === undefined || !unequal(a, b)) return undefined;
    return [
      { before: a, after: { ...a, properties: b.properties } },
      { before: b, after: { ...b, properties: a.properties } },
    ];
  }),
  moved("a row key in another case", ({ rowKey }) => ({ rowKey: otherCase(rowKey) })),
  moved("a partition key in another case", ({ partitionKey }) => ({ partitionKey: otherCase(partitionKey) })),
  moved("a row key with a blank more", ({ rowKey }) => ({ rowKey: `${rowKey} ` })),
  moved("a row key in another Unicode normal form", ({ rowKey }) => ({ rowKey: otherForm(rowKey) })),
  moved("partition key and row key exchanged", ({ partitionKey, rowKey }) => ({
    partitionKey: rowKey,
    rowKey: partitionKey,
  })),
  moved("a character moved from one key to the other", ({ partitionKey, rowKey }) => ({
    partitionKey: partitionKey.slice(0, -1),
    rowKey: partitionKey.slice(-1) + rowKey,
  })),
];
