import { ByteBudget, BYTES_AHEAD_MAX, BYTES_IN_FLIGHT_MAX } from "../../migration/engine/byteBudget";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { RANGES_AT_ONCE_MAX } from "../../migration/engine/rangeSlots";
import type { Page, PageRequest, Store } from "../../migration/engine/store";
import type { TableSettings } from "../../migration/engine/settings";
import { World } from "./world";

const MEBIBYTE = 1024 * 1024;

/** Tables of rows of one size that are made when they are read, and held by nobody but who reads them. */
class Endless {
  /** Rows handed out and not yet written; one that is read again, for a range of its own, counts once. */
  readonly held = new Set<string>();
  private readonly written = new Set<string>();
  rowsHeldMost = 0;
  readonly source: Store;
  readonly destination: Store;
  private readonly body: Buffer;

  constructor(
    private readonly world: World,
    private readonly rowsPerTable: number,
    private readonly rowBytes: number,
  ) {
    this.body = Buffer.alloc(rowBytes, 0x20);
    this.source = standIn(world.source, { readPage: (table, request) => this.read(table, request) });
    this.destination = standIn(world.destination, {
      write: async (table, operations) => {
        if (table === JOURNAL_TABLE) return world.destination.write(table, operations);
        await world.clock.sleep(50);
        for (const { key } of operations) {
          this.written.add(`${table} ${key.rowKey}`);
          this.held.delete(`${table} ${key.rowKey}`);
        }
        return { committed: true, versions: operations.map(() => "v") };
      },
    });
  }

  /** The first row whose key, of eight digits, is greater than a text. */
  private firstBehind(text: string): number {
    let low = 0;
    for (let high = this.rowsPerTable; low < high; ) {
      const middle = (low + high) >>> 1;
      if (keyOf(middle) > text) high = middle;
      else low = middle + 1;
    }
    return text === "" ? 0 : low;
  }

  /** A page ends near 4 MiB, as Storage's do. */
  private async read(table: string, request: PageRequest): Promise<Page> {
    const serverTimeMs = this.world.clock.now();
    const after = request.continuation?.["after"] ?? request.range?.after?.rowKey ?? "";
    const first = this.firstBehind(after);
    const end = request.range?.upTo ? Number(request.range.upTo.rowKey) + 1 : this.rowsPerTable;
    const most = Math.min(request.rowsMax ?? 1_000, Math.max(1, Math.floor((4 * MEBIBYTE) / this.rowBytes)));
    const count = Math.max(0, Math.min(most, end - first));
    const rows = Array.from({ length: count }, (_, at) => ({
      partitionKey: "p", rowKey: keyOf(first + at), digest: 1n, version: "v",
      body: request.keysOnly ? Buffer.alloc(0) : this.body, modified: "2025-01-01T00:00:00Z",
    }));
    const names = request.keysOnly ? [] : rows.map(({ rowKey }) => `${table} ${rowKey}`);
    for (const name of names) if (!this.written.has(name)) this.held.add(name);
    this.rowsHeldMost = Math.max(this.rowsHeldMost, this.held.size);
    const last = rows.at(-1);
    return { rows, serverTimeMs, ...(last && first + count < end ? { next: { after: last.rowKey } } : {}) };
  }
}

function keyOf(row: number): string {
  return String(row).padStart(8, "0");
}

function standIn(store: Store, own: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function tables(count: number): TableSettings[] {
  const names = Array.from({ length: count }, (_, at) => `Table${at}`);
  return names.map((name) => ({ table: name, destinationTable: name, renames: new Map(), mode: "replace" }));
}

describe("the memory of a run", () => {
  it.each([
    ["one large table of small rows", 1, 30_000, 1_000],
    ["one table of entities of a mebibyte", 1, 400, MEBIBYTE - 1_000],
    ["twenty tables of entities of a mebibyte", 20, 30, MEBIBYTE - 1_000],
    ["forty tables of small rows", 40, 1_500, 1_000],
  ])("is bounded over all of its tables and ranges: %s", async (_, count, rows, bytes) => {
    const world = new World();
    const endless = new Endless(world, rows, bytes);
    const { source, destination } = endless;
    const settings = { tables: tables(count), level: "none" as const, concurrency: 16 };
    const outcome = await world.copy({ source, destination, settings });
    expect(outcome.tables.map(({ written }) => written)).toEqual(tables(count).map(() => rows));
    expect(endless.held.size).toBe(0);
    const mostBytes = endless.rowsHeldMost * bytes;
    // Fetched ahead, being written, and for each range the page and the segment that are at hand.
    const atHand = RANGES_AT_ONCE_MAX * 4 * MEBIBYTE;
    expect(mostBytes).toBeLessThan(BYTES_AHEAD_MAX + BYTES_IN_FLIGHT_MAX + atHand);
    if (bytes === 1_000) expect(mostBytes).toBeLessThan(80 * MEBIBYTE);
  });
});

describe("a budget of bytes", () => {
  it("lets in who came first, and what is larger than all of it when nothing else is there", async () => {
    const budget = new ByteBudget(100);
    const order: string[] = [];
    const take = async (name: string, bytes: number) => {
      await budget.take(bytes);
      order.push(name);
    };
    await take("a", 60);
    const waiting = [take("b", 500), take("c", 10)];
    expect(budget.tryTake(1)).toBe(false);
    budget.give(60);
    await waiting[0];
    expect(order).toEqual(["a", "b"]);
    budget.give(500);
    await Promise.all(waiting);
    expect(order).toEqual(["a", "b", "c"]);
    expect(budget.inUse).toBe(10);
    expect(budget.tryTake(90)).toBe(true);
    expect(budget.tryTake(1)).toBe(false);
  });
});
