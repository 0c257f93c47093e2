import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunContext } from "../../migration/engine";
import { verifyTables } from "../../migration/engine";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Difference, RunOutcome } from "../../migration/engine/outcome";
import type { RowFormat } from "../../migration/engine/rowFormat";
import type { VerifyLevel } from "../../migration/engine/settings";
import type { Store } from "../../migration/engine/store";
import { azureTablesFormat, openAzureTables } from "../../migration/stores/azureTables";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { seededRandom, VirtualClock } from "../engine/virtualClock";
import type { SimulatedRequest, SimulatedResponse } from "../simulated";
import { ServiceError, SimulatedTableService } from "../simulated";
import { readEntity } from "../simulated/entity";
import { entityText, type ModelRow } from "./row";

export const SOURCE = "contoso";
export const DESTINATION = "fabrikam";
export type Side = "source" | "destination";
const KEY = Buffer.from("a key for both").toString("base64");
const accountOf = (side: Side) => (side === "source" ? SOURCE : DESTINATION);

/** Written long before any comparison began, so that nothing is in flight. */
const LONG_AGO_TICKS = 131_000_000_000_000_000n;

export interface Verified {
  readonly outcome: RunOutcome;
  readonly differences: readonly Difference[];
}

/**
 * Two simulated accounts behind one loopback server, read by the real store. A table of one account can be replaced by
 * a page written by hand, for what the service itself would never say.
 */
export class World {
  readonly service = new SimulatedTableService({
    accounts: [{ name: SOURCE, key: KEY }, { name: DESTINATION, key: KEY }],
    logEntriesMax: 100,
  });
  private readonly pages = new Map<string, Buffer>();
  /** What the service answered since its account last changed: attacks come by the thousand, and differ in little. */
  private readonly said = new Map<string, SimulatedResponse>();
  private readonly clock = new VirtualClock();
  private readonly random = seededRandom(1);
  private server: Server | undefined;
  private stores: { readonly source: Store; readonly destination: Store } | undefined;
  private writes = 0n;

  /** `format` compares rows; tests put a worse one in. */
  constructor(private readonly format: RowFormat = azureTablesFormat) {}

  async open(): Promise<void> {
    this.server = createServer((message, response) => {
      const { method = "", url = "", headers } = message;
      const plain = Object.entries(headers).map(([name, value]) => [name, String(value)]);
      // Comparisons only read: no request has a body.
      this.answer({ method, target: url, headers: Object.fromEntries(plain), body: Buffer.alloc(0) }).then(
        ({ status, headers: sent, body }) =>
          response.writeHead(status, { ...sent, "content-length": body.length }).end(body),
        (error: unknown) => response.writeHead(599).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => this.server?.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    const open = (account: string) =>
      openAzureTables({ kind: "sharedKey", account, key: KEY, endpoint: `http://127.0.0.1:${port}/${account}` });
    this.stores = { source: open(SOURCE), destination: open(DESTINATION) };
  }

  async close(): Promise<void> {
    await Promise.all([this.stores?.source.close(), this.stores?.destination.close()]);
    await new Promise<void>((resolve) => {
      this.server?.close(() => resolve());
      this.server?.closeAllConnections();
    });
  }

  private async answer(request: SimulatedRequest) {
    const [path = "", query = ""] = request.target.split("?");
    const page = request.method === "GET" ? this.pages.get(path) : undefined;
    const said = this.said.get(request.target);
    const real = said ?? (await this.service.handle(request));
    this.said.set(request.target, real);
    if (page === undefined || real.status !== 200) return real;
    // Asked for late changes: there are none. Every other question about the table gets the page.
    return query.includes("Timestamp%20ge") ? real : { ...real, body: page };
  }

  private changed(side: Side): void {
    for (const target of this.said.keys()) {
      if (target.startsWith(`/${accountOf(side)}/`)) this.said.delete(target);
    }
  }

  /** Both sides hold these rows, and nothing else. */
  fill(table: string, rows: readonly ModelRow[]): void {
    for (const side of ["source", "destination"] as const) {
      this.service.account(accountOf(side)).createTable(table);
      for (const row of rows) this.put(side, table, row);
    }
  }

  empty(table: string): void {
    for (const side of ["source", "destination"] as const) {
      this.service.account(accountOf(side)).deleteTable(table, 0);
      this.changed(side);
    }
  }

  /** Throws `ServiceError` where the service would refuse the row. */
  put(side: Side, table: string, row: ModelRow): void {
    this.writes += 1n;
    this.changed(side);
    const { partitionKey, rowKey } = row;
    const { properties } = readEntity(entityText(row));
    const entity = { partitionKey, rowKey, properties, ticks: LONG_AGO_TICKS + this.writes };
    this.service.account(accountOf(side)).seed(table, [entity]);
  }

  remove(side: Side, table: string, { partitionKey, rowKey }: ModelRow): void {
    this.changed(side);
    this.service.account(accountOf(side)).table(table).rows.remove(partitionKey, rowKey);
  }

  /** From now on the table reads as these entities, until `uncan`. */
  can(side: Side, table: string, entities: readonly string[]): void {
    const stamped = entities.map((entity) =>
      `{"odata.etag":"W/\\"x\\"","Timestamp":"2020-01-01T00:00:00Z",${entity.slice(entity.indexOf("{") + 1)}`);
    const page = `{"odata.metadata":"x","value":[${stamped.join(",")}]}`;
    this.pages.set(`/${accountOf(side)}/${table}()`, Buffer.from(page));
  }

  uncan(side: Side, table: string): void {
    this.pages.delete(`/${accountOf(side)}/${table}()`);
  }

  async verify(table: string, level: VerifyLevel = "full", sampleRows = 1_000, seed = 1): Promise<Verified> {
    if (this.stores === undefined) throw new Error("The world is not open.");
    const { source, destination } = this.stores;
    const differences: Difference[] = [];
    const context: RunContext = {
      source, destination, format: this.format, clock: this.clock, random: this.random,
      journal: tableJournal(destination, JOURNAL_TABLE, { clock: this.clock }),
      runId: "attack", owner: "test", progress: () => undefined, signal: new AbortController().signal,
      difference: (difference) => void differences.push(difference),
    };
    const outcome = await verifyTables(context, {
      tables: [{ table, destinationTable: table, renames: new Map(), mode: "replace" }],
      deletes: "report", conflicts: "refuse", level, sampleRows, seed, concurrency: 8, dryRun: false,
    });
    return { outcome, differences };
  }
}

/** The service refuses what it is given: a page made by hand can hold it all the same. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError;
}
