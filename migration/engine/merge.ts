import { OperationalError } from "./errors";
import { compareKeys, describeKey, type Row } from "./row";
import type { RowStream } from "./scan";

/** One key with what each side holds there; at least one side is present. */
export interface Pair {
  readonly source?: Row | undefined;
  readonly destination?: Row | undefined;
}

export function keyOf(pair: Pair): Row {
  return (pair.source ?? pair.destination) as Row;
}

/** A side that breaks its promise of order would make a merge miss rows without a word, so order is checked. */
function checkOrder(last: Row | undefined, row: Row, name: string): void {
  if (!last || compareKeys(last, row) < 0) return;
  throw new OperationalError({
    code: "OutOfOrder",
    message:
      `The ${name} returned ${describeKey(row)} after ${describeKey(last)}: its rows are not in key ` +
      "order, so a comparison could miss some. Nothing was concluded; report this with the service's name.",
  });
}

/**
 * Joins two ordered streams by key, as many pairs at a time as both pages at hand allow: a step per row would cost
 * more than the row's work. Memory: one page and one page ahead per side.
 */
export async function* mergeByKey(source: RowStream, destination: RowStream): AsyncGenerator<readonly Pair[]> {
  let lastSource: Row | undefined;
  let lastDestination: Row | undefined;
  for (;;) {
    const [hasSource, hasDestination] = await Promise.all([source.fill(), destination.fill()]);
    if (!hasSource && !hasDestination) return;
    const pairs: Pair[] = [];
    for (;;) {
      const s = source.rows[source.at];
      const d = destination.rows[destination.at];
      // A side whose page is used up may go on in the next one; only a side that ended says nothing more.
      if ((!s && !source.ended) || (!d && !destination.ended) || (!s && !d)) break;
      const order = !s ? 1 : !d ? -1 : compareKeys(s, d);
      if (s && order <= 0) {
        checkOrder(lastSource, s, "source");
        lastSource = s;
        source.at += 1;
      }
      if (d && order >= 0) {
        checkOrder(lastDestination, d, "destination");
        lastDestination = d;
        destination.at += 1;
      }
      pairs.push({ source: order <= 0 ? s : undefined, destination: order >= 0 ? d : undefined });
    }
    if (pairs.length > 0) yield pairs;
  }
}
