import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import type { OpenManagement } from "../../migration/access/management";
import type { CliIo } from "../../migration/cli/io";
import { main } from "../../migration/cli/main";
import type { Store } from "../../migration/engine/store";
import { realPorts } from "../../migration/run/ports";
import { openAzureTables } from "../../migration/stores/azureTables";
import { serve, SimulatedTableService } from "../simulated";
import type { ServiceOptions } from "../simulated";

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The code that a second Ctrl-C ended the process with. */
  readonly exitedAtOnce: number | undefined;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTTY?: boolean;
  readonly ports?: Partial<CliIo["ports"]>;
  readonly openManagement?: OpenManagement;
  /** What standard input holds. */
  readonly stdin?: string;
  /** Is given a way to press Ctrl-C. */
  readonly onStart?: (interrupt: () => void) => void;
  /** Sees every text as it is printed. */
  readonly onPrint?: (text: string) => void;
}

export type Side = "source" | "destination";

/** Runs the command line in this process and keeps what it printed. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const printed = { stdout: "", stderr: "" };
  let exitedAtOnce: number | undefined;
  const stream = (name: "stdout" | "stderr") => ({
    write(text: string) {
      printed[name] += text;
      options.onPrint?.(text);
    },
    isTTY: options.isTTY ?? false,
    columns: 100,
  });
  const io: CliIo = {
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: options.env ?? {},
    readStdin: () => Promise.resolve(options.stdin ?? ""),
    onInterrupt(listener) {
      options.onStart?.(listener);
      return () => undefined;
    },
    exit(code) {
      exitedAtOnce = code;
    },
    ports: { ...realPorts, ...options.ports },
    openManagement: options.openManagement ?? (() => {
      throw new Error("This test opens no management.");
    }),
  };
  const exitCode = await main(argv, io);
  return { exitCode, ...printed, exitedAtOnce };
}

/** Two organisations' accounts on a simulated service, a folder for files, and the command line in between. */
export class World {
  private constructor(
    readonly service: SimulatedTableService,
    private readonly server: Awaited<ReturnType<typeof serve>>,
    readonly folder: string,
    private readonly stores: Readonly<Record<Side, Store>>,
  ) {}

  static async start(options: Partial<ServiceOptions> = {}): Promise<World> {
    const service = new SimulatedTableService({ accounts: [{ name: "contoso" }, { name: "fabrikam" }], ...options });
    const server = await serve(service);
    const open = (account: string) => openAzureTables({
      kind: "sharedKey", account, endpoint: server.endpoint(account), key: service.account(account).keys[0],
    });
    const folder = mkdtempSync(path.join(os.tmpdir(), "landbridge-cli-"));
    return new World(service, server, folder, { source: open("contoso"), destination: open("fabrikam") });
  }

  connection(side: Side): string {
    const account = side === "source" ? "contoso" : "fabrikam";
    const key = this.service.account(account).keys[0];
    return `AccountName=${account};AccountKey=${key};TableEndpoint=${this.server.endpoint(account)}`;
  }

  get env(): Readonly<Record<string, string>> {
    return { LANDBRIDGE_SOURCE: this.connection("source"), LANDBRIDGE_DESTINATION: this.connection("destination") };
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return runCli(argv, { env: this.env, ...options });
  }

  /** Writes rows as a user would, whether they exist or not. Each has `PartitionKey` and `RowKey`. */
  async put(side: Side, table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const store = this.stores[side];
    await store.createTable(table);
    for (const row of rows) {
      const key = { partitionKey: String(row.PartitionKey), rowKey: String(row.RowKey) };
      const body = Buffer.from(JSON.stringify(row));
      const outcome = await store.write(table, [{ kind: "putReplace", key, body }]);
      if (!outcome.committed) throw outcome.error;
    }
  }

  /** Fills a table quickly: `partitions` times 100 rows. */
  async fill(side: Side, table: string, partitions: number): Promise<void> {
    const store = this.stores[side];
    await store.createTable(table);
    await Promise.all(Array.from({ length: partitions }, async (_, partition) => {
      const operations = Array.from({ length: 100 }, (__, row) => {
        const key = { partitionKey: `p${1_000 + partition}`, rowKey: `r${1_000 + row}` };
        const entity = { PartitionKey: key.partitionKey, RowKey: key.rowKey, value: row };
        return { kind: "insert" as const, key, body: Buffer.from(JSON.stringify(entity)) };
      });
      const outcome = await store.write(table, operations);
      if (!outcome.committed) throw outcome.error;
    }));
  }

  async delete(side: Side, table: string, partitionKey: string, rowKey: string): Promise<void> {
    const key = { partitionKey, rowKey };
    const outcome = await this.stores[side].write(table, [{ kind: "delete", key, version: "*" }]);
    if (!outcome.committed) throw outcome.error;
  }

  /** What a table holds now, in key order, as the service sends it to a reader, without Timestamp and ETag. */
  async rows(side: Side, table: string): Promise<readonly unknown[]> {
    const { rows } = await this.stores[side].readPage(table, {});
    return rows.map(({ body }) => JSON.parse(Buffer.from(body).toString("utf8")) as unknown);
  }

  /** Requests to the destination that changed something. */
  get writes(): number {
    return this.changing.length;
  }

  /** The same, without the journal's. Batches name their table in their body only: a data batch counts here too. */
  get dataWrites(): number {
    return this.changing.filter((where) => !where.toLowerCase().includes("landbridgejournal")).length;
  }

  private get changing(): readonly string[] {
    return this.service.log
      .filter(({ account, method, status, code }) =>
        account === "fabrikam" && method !== "GET" && status < 400 && code === undefined)
      .map(({ path: where }) => where);
  }

  /** Both sides' keys: what must never be printed. */
  get keys(): readonly string[] {
    return ["contoso", "fabrikam"].flatMap((account) => this.service.account(account).keys);
  }

  endpoint(side: Side): string {
    return this.server.endpoint(side === "source" ? "contoso" : "fabrikam");
  }

  async stop(): Promise<void> {
    await Promise.all([this.stores.source.close(), this.stores.destination.close()]);
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A few cities, as rows. */
export function cities(count: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, index) => ({
    PartitionKey: index % 2 === 0 ? "DE" : "FR",
    RowKey: String(1_000 + index),
    name: `City ${index}`,
    population: 1_000 * index,
    "area@odata.type": "Edm.Double",
    area: index,
  }));
}
