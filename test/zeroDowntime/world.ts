import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AzureNamedKeyCredential, TableClient, type TransactionAction } from "@azure/data-tables";
import { newKey } from "../../local/emulators/managementApi/kinds/storageAccount";
import { startAzurite, type Azurite } from "../../local/emulators/azurite";
import { type Finished, type Started, startLandbridge } from "../e2e/service";
import { COSMOS, serve, SimulatedTableService, type SimulatedServer } from "../simulated";
import { keyText } from "./account";
import type { PlaceAddress } from "./application";
import { keyOfOrder } from "./application";
import type { Place } from "./applicationLog";

const ACCOUNTS: Readonly<Record<Place, string>> = { source: "contosotables", destination: "fabrikamcosmos" };

const BATCH_ROWS = 100;

/** Azurite as the source, the simulated Cosmos DB as the destination, one folder for all that is written. */
export class World {
  private constructor(
    private readonly azurite: Azurite,
    private readonly service: SimulatedTableService,
    private readonly server: SimulatedServer,
    readonly places: Readonly<Record<Place, PlaceAddress>>,
    readonly folder: string,
    readonly table: string,
  ) {}

  static async open(table: string): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "landbridge-zero-downtime-"));
    const keys: readonly [string, string] = [newKey(), newKey()];
    const { source, destination } = ACCOUNTS;
    const azurite = await startAzurite({
      accounts: [{ name: source, keys }], folder: join(folder, "azurite"),
    });
    // A little time for every answer: enough for a process to be killed in the middle.
    const service = new SimulatedTableService({
      accounts: [{ name: destination }], profile: COSMOS, latencyMs: 5,
    });
    const server = await serve(service);
    const places = {
      source: { endpoint: azurite.endpoint(source), account: source, key: keys[0] },
      destination: {
        endpoint: server.endpoint(destination), account: destination, key: service.account(destination).keys[0],
      },
    };
    return new World(azurite, service, server, places, folder, table);
  }

  /** Loads the source with orders; returns them by key. */
  async load(rows: number, partitions: number): Promise<ReadonlyMap<string, string>> {
    const client = this.client("source");
    await client.createTable();
    const loaded = new Map<string, string>();
    for (let partition = 0; partition < partitions; partition += 1) {
      const actions: TransactionAction[] = [];
      for (let n = partition; n < rows; n += partitions) {
        const entity = { ...keyOfOrder(n, partitions), value: `loaded ${n}` };
        loaded.set(keyText(entity), entity.value);
        actions.push(["create", entity]);
      }
      for (let at = 0; at < actions.length; at += BATCH_ROWS) {
        await client.submitTransaction(actions.slice(at, at + BATCH_ROWS));
      }
    }
    return loaded;
  }

  /** Every row of a place, by key, as the official SDK reads it. */
  async rows(place: Place): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for await (const entity of this.client(place).listEntities<{ value: string }>()) {
      const { partitionKey = "", rowKey = "", value } = entity;
      found.set(keyText({ partitionKey, rowKey }), value);
    }
    return found;
  }

  /** How many rows the destination holds; 0 before there is a table. */
  copied(): number {
    const account = this.service.account(ACCOUNTS.destination);
    return account.tableNames().includes(this.table) ? account.rows(this.table).length : 0;
  }

  start(args: readonly string[]): Started {
    const [source, destination] = [this.connectionString("source"), this.connectionString("destination")];
    const env = { LANDBRIDGE_SOURCE: source, LANDBRIDGE_DESTINATION: destination };
    return startLandbridge([...args], { cwd: this.folder, env });
  }

  run(args: readonly string[]): Promise<Finished> {
    return this.start(args).finished;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.azurite.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private client(place: Place): TableClient {
    const { endpoint, account, key } = this.places[place];
    return new TableClient(endpoint, this.table, new AzureNamedKeyCredential(account, key), {
      allowInsecureConnection: true,
    });
  }

  private connectionString(place: Place): string {
    const { endpoint, account, key } = this.places[place];
    const dialect = place === "destination" ? ";Dialect=cosmos" : "";
    return `AccountName=${account};AccountKey=${key};TableEndpoint=${endpoint}${dialect}`;
  }
}
