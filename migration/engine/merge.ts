import { OperationalError } from "./errors";
import { compareKeys, describeKey, type Row } from "./row";
import type { RowStream } from "./scan";

/** One key with what each side holds there; at least one side is present. */
export interface Pair {
  readonly source?: Row;
  readonly destination?: Row;
}

export function keyOf(pair: Pair): Row {
  return (pair.source ?? pair.destination) as Row;
}

/** A side that breaks its promise of order would make a merge miss rows without a word, so order is checked. */
class OrderedSide {
  private last: Row | undefined;

  constructor(
    private readonly stream: RowStream,
    private readonly name: string,
  ) {}

  peek(): Row | undefined | Promise<Row | undefined> {
    return this.stream.peek();
  }

  take(row: Row): void {
    if (this.last && compareKeys(this.last, row) >= 0) {
      throw new OperationalError({
        code: "OutOfOrder",
        message:
          `The ${this.name} returned ${describeKey(row)} after ${describeKey(this.last)}: its rows are not in key ` +
          "order, so a comparison could miss some. Nothing was concluded; report this with the service's name.",
      });
    }
    this.last = row;
    this.stream.take();
  }
}

/** Joins two ordered streams by key. Memory: one page and one page ahead per side. */
export async function* mergeByKey(source: RowStream, destination: RowStream): AsyncGenerator<Pair> {
  const left = new OrderedSide(source, "source");
  const right = new OrderedSide(destination, "destination");
  for (;;) {
    // Awaiting only what is a promise keeps a page's rows synchronous.
    const a = left.peek();
    const s = a instanceof Promise ? await a : a;
    const b = right.peek();
    const d = b instanceof Promise ? await b : b;
    if (!s && !d) return;
    const order = !s ? 1 : !d ? -1 : compareKeys(s, d);
    if (s && order <= 0) left.take(s);
    if (d && order >= 0) right.take(d);
    if (s && order < 0) yield { source: s };
    else if (d && order > 0) yield { destination: d };
    else if (s && d) yield { source: s, destination: d };
  }
}
