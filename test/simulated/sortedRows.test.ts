import fc from "fast-check";
import type { StoredEntity } from "./entity";
import { parseFilter } from "./filter";
import type { Keyed } from "./sortedRows";
import { SortedRows } from "./sortedRows";

/** Equal keys count as rising. */
const order = (a: Keyed, b: Keyed) =>
  a.partitionKey === b.partitionKey ? (a.rowKey < b.rowKey ? -1 : 1) : a.partitionKey < b.partitionKey ? -1 : 1;

const shown = (rows: readonly (Keyed & { readonly at: number })[]) =>
  rows.map(({ partitionKey, rowKey, at }) => `${partitionKey}|${rowKey}|${at}`).join("\n");

describe("rows in key order", () => {
  // Few keys, so that puts meet rows and removals meet them, too; thousands, so that chunks are cut and emptied.
  const key = fc.tuple(fc.constantFrom("", "a", "a\u0001", "ä", "b", "\ud83d\ude80", "\uffff"), fc.nat(600));
  const step = fc.record({ key, remove: fc.boolean(), run: fc.nat(400) });

  it("holds what a sorted list would, whatever is put and removed", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), key, (steps, [partition, row]) => {
        const rows = new SortedRows<Keyed & { readonly at: number }>();
        const model = new Map<string, Keyed & { readonly at: number }>();
        steps.forEach(({ key: [partitionKey, first], remove, run }, at) => {
          for (let n = first; n <= first + run; n += 1) {
            const rowKey = String(n);
            if (remove) {
              rows.remove(partitionKey, rowKey);
              model.delete(`${partitionKey}|${rowKey}`);
            } else {
              rows.put({ partitionKey, rowKey, at });
              model.set(`${partitionKey}|${rowKey}`, { partitionKey, rowKey, at });
            }
          }
        });
        const wanted = [...model.values()].sort(order);
        expect(shown(rows.all())).toBe(shown(wanted));
        expect(rows.size).toBe(wanted.length);
        expect(rows.get(partition, String(row))).toEqual(model.get(`${partition}|${row}`));
        const after: (Keyed & { readonly at: number })[] = [];
        const cursor = rows.from(partition, String(row));
        for (let next = cursor.row; next !== undefined; next = cursor.next()) after.push(next);
        const start = { partitionKey: partition, rowKey: String(row) };
        expect(shown(after)).toBe(shown(wanted.filter((one) => order(one, start) > 0)));
      }),
      { numRuns: 60 },
    );
  });

  it("takes rows in falling order as it takes them in rising order", () => {
    const rows = new SortedRows<Keyed>();
    for (let n = 20_000; n > 0; n -= 1) rows.put({ partitionKey: "p", rowKey: String(n).padStart(5, "0") });
    expect(rows.size).toBe(20_000);
    expect(rows.all().map(({ rowKey }) => Number(rowKey))).toEqual(Array.from({ length: 20_000 }, (_, n) => n + 1));
  });
});

describe("the keys that a filter can match", () => {
  const literal = fc.constantFrom("a", "b", "b\u0000", "c");
  const operator = fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge");
  const name = fc.constantFrom("PartitionKey", "RowKey", "Other");
  const comparison = fc.oneof(
    fc.tuple(name, operator, literal).map(([left, how, right]) => `${left} ${how} '${right}'`),
    fc.tuple(name, operator, literal).map(([left, how, right]) => `'${right}' ${how} ${left}`),
  );
  const filter = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      comparison,
      fc.tuple(tie("filter"), fc.constantFrom("and", "or"), tie("filter")).map(([a, how, b]) => `(${a} ${how} ${b})`),
      tie("filter").map((inner) => `not (${inner})`),
    ),
  })).filter;

  it("hold every row that it matches", () => {
    const keys = ["", "a", "a\u0000", "b", "b\u0000", "b\u0001", "c", "d"];
    let narrowed = 0;
    fc.assert(
      fc.property(filter, (text) => {
        const { matches, keys: { low, partitionMax } } = parseFilter(text);
        if (low[0] !== "" || partitionMax !== undefined) narrowed += 1;
        for (const partitionKey of keys) {
          for (const rowKey of keys) {
            const row: StoredEntity = { partitionKey, rowKey, ticks: 0n, properties: new Map() };
            if (!matches(row)) continue;
            const start = { partitionKey: low[0], rowKey: low[1] };
            const inside = order(start, row) < 0 || (low[0] === partitionKey && low[1] === rowKey);
            if (inside && (partitionMax === undefined || partitionKey <= partitionMax)) continue;
            throw new Error(`${text} matches ${partitionKey}|${rowKey}, which is outside of its keys.`);
          }
        }
      }),
      { numRuns: 3_000 },
    );
    expect(narrowed).toBeGreaterThan(200);
  });
});
