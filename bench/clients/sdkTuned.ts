/**
 * The official SDK used as well as it can be: whole pages, transactions of 100 where partitions allow, many requests in
 * flight, the next page read while the last one is written.
 */
import type { TableClient, TableEntity, TransactionAction } from "@azure/data-tables";
import type { Job } from "./job";
import { measured, readJob } from "./job";
import type { Entity } from "./sdk";
import { openSdk } from "./sdk";

const BATCH_ROWS = 100;
const job = readJob();

/** Keeps so many at once, and no more. */
class InFlight {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly max: number) {}

  async add(work: () => Promise<unknown>): Promise<void> {
    while (this.running.size >= this.max) await Promise.race(this.running);
    const one: Promise<void> = work().then(() => void this.running.delete(one));
    this.running.add(one);
  }

  async all(): Promise<void> {
    await Promise.all(this.running);
  }
}

function keyed(entity: Entity): TableEntity {
  const { partitionKey, rowKey } = entity;
  if (partitionKey === undefined || rowKey === undefined) throw new Error("An entity has no key.");
  return { ...entity, partitionKey, rowKey };
}

/** Rows of one partition, gathered until they fill a transaction. */
class Batches {
  private rows: TableEntity[] = [];

  constructor(
    private readonly destination: TableClient,
    private readonly inFlight: InFlight,
  ) {}

  async add(row: TableEntity): Promise<void> {
    const isOther = this.rows[0] !== undefined && this.rows[0].partitionKey !== row.partitionKey;
    if (isOther || this.rows.length === BATCH_ROWS) await this.flush();
    this.rows.push(row);
  }

  async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const actions = this.rows.map((row): TransactionAction => ["upsert", row, "Replace"]);
    this.rows = [];
    await this.inFlight.add(() => this.destination.submitTransaction(actions));
  }
}

async function copy({ rows: rowsMax, inFlight: inFlightMax = 16, batches }: Job): Promise<{ readonly rows: number }> {
  const { source, destination } = await openSdk(job);
  const inFlight = new InFlight(inFlightMax);
  const gathered = new Batches(destination, inFlight);
  let rows = 0;
  for await (const page of source.listEntities().byPage({ maxPageSize: 1000 })) {
    for (const entity of page) {
      if (rows === rowsMax) break;
      const row = keyed(entity);
      if (batches === true) await gathered.add(row);
      else await inFlight.add(() => destination.upsertEntity(row, "Replace"));
      rows += 1;
    }
    if (rows === rowsMax) break;
  }
  await gathered.flush();
  await inFlight.all();
  return { rows };
}

void measured(() => copy(job));
