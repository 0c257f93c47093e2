import { AzureNamedKeyCredential, RestError, TableClient } from "@azure/data-tables";
import { appendLogged, type Logged, type Place } from "./applicationLog";

/** Where one of the two places is, for the application's own client. */
export interface PlaceAddress {
  readonly endpoint: string;
  readonly account: string;
  readonly key: string;
}

export interface ApplicationOptions {
  readonly table: string;
  readonly places: Readonly<Record<Place, PlaceAddress>>;
  /** What it writes to at first. */
  readonly place: Place;
  /** Begins the keys of its new rows. */
  readonly name: string;
  /** Rows that it knows: `order-<n>` for n below this. */
  readonly rows: number;
  readonly partitions: number;
  /** Between two changes. */
  readonly pauseMs: number;
  readonly seed: number;
  /** Every acknowledged change, one line each. */
  readonly logFile: string;
}

interface KnownRow {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** mulberry32: small, seeded, good enough to choose rows by. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function keyOfOrder(n: number, partitions: number): KnownRow {
  return { partitionKey: `customer-${n % partitions}`, rowKey: `order-${String(n).padStart(6, "0")}` };
}

/**
 * Somebody's application: it inserts, updates and deletes orders with the official SDK, knows nothing of the move, and
 * keeps a log of its own of what a service acknowledged. Changing its configuration moves it to the other place.
 */
export class Application {
  private readonly clients: Readonly<Record<Place, TableClient>>;
  private readonly known: KnownRow[];
  private readonly random: () => number;
  private place: Place;
  private number = 0;
  private inserted = 0;
  private stopped = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: ApplicationOptions) {
    const client = ({ endpoint, account, key }: PlaceAddress) =>
      new TableClient(endpoint, options.table, new AzureNamedKeyCredential(account, key), {
        allowInsecureConnection: true,
      });
    this.clients = { source: client(options.places.source), destination: client(options.places.destination) };
    this.known = Array.from({ length: options.rows }, (_, n) => keyOfOrder(n, options.partitions));
    this.random = seeded(options.seed);
    this.place = options.place;
  }

  start(): void {
    this.running = this.run();
  }

  /** What a deployment with another connection string does. */
  moveTo(place: Place): void {
    this.place = place;
  }

  /** Resolves when the last change was acknowledged and logged; rejects where the application failed. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.change();
      await new Promise((resolve) => setTimeout(resolve, this.options.pauseMs));
    }
  }

  private async change(): Promise<void> {
    const dice = this.random();
    if (dice < 0.25 || this.known.length === 0) return this.insert();
    const at = Math.floor(this.random() * this.known.length);
    const row = this.known[at] as KnownRow;
    return dice < 0.85 ? this.update(row, at) : this.delete(row, at);
  }

  private async insert(): Promise<void> {
    this.inserted += 1;
    const { name, partitions } = this.options;
    const partitionKey = `customer-${Math.floor(this.random() * partitions)}`;
    const row = { partitionKey, rowKey: `${name}-${String(this.inserted).padStart(6, "0")}` };
    const value = this.value();
    await this.clients[this.place].createEntity({ ...row, value });
    this.known.push(row);
    this.log("insert", row, value);
  }

  private async update(row: KnownRow, at: number): Promise<void> {
    const value = this.value();
    const isThere = await there(this.clients[this.place].updateEntity({ ...row, value }, "Replace"));
    if (isThere) this.log("update", row, value);
    else this.forget(at);
  }

  private async delete(row: KnownRow, at: number): Promise<void> {
    const isThere = await there(this.clients[this.place].deleteEntity(row.partitionKey, row.rowKey));
    this.forget(at);
    if (isThere) this.log("delete", row);
  }

  private value(): string {
    return `${this.options.name} ${this.place} ${this.number + 1}`;
  }

  private forget(at: number): void {
    this.known.splice(at, 1);
  }

  private log(what: Logged["what"], { partitionKey, rowKey }: KnownRow, value?: string): void {
    this.number += 1;
    const { place, number } = this;
    const logged = { number, place, what, partitionKey, rowKey, ...(value === undefined ? {} : { value }) };
    appendLogged(this.options.logFile, logged);
  }
}

/** False where the row is not there (any more), which an application lives with. */
async function there(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 404) return false;
    throw error;
  }
}
