import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openAsOwner, putRow, removeRow } from "../../local/demo/seed";
import { CONTOSO, type Emulators, FABRIKAM_COSMOS, startEmulators } from "../../local/emulators";
import { configure, createWorkspace, openRunner, type StackRun, type StackRunner } from "../../local/stack";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Store } from "../../migration/engine/store";
import { openAzureTables } from "../../migration/stores/azureTables";
import { startSimulatedCosmos, type SimulatedCosmos } from "../simulated/cosmosService";
import { rowAt } from "./program";

export const TABLE = "Cities";
/** Whom the stack that the workspace begins with lets in. */
export const OURS = "203.0.113.7";
/** Seconds are enough for a source that nobody else has. */
export const QUIET_MINUTES = 0.02;

const DESTINATION = {
  kind: "cosmos",
  account: FABRIKAM_COSMOS.account,
  tenantId: FABRIKAM_COSMOS.tenantId,
  subscriptionId: FABRIKAM_COSMOS.subscriptionId,
  resourceGroup: FABRIKAM_COSMOS.resourceGroup,
  location: "northeurope",
  regions: [{ location: "westeurope" }],
  permanentIpRanges: ["198.51.100.0/24"],
  principals: [{ principalId: "cccccccc-0000-4000-8000-000000000001" }],
  copyThroughput: 20_000,
  steadyThroughput: 2_000,
};
const SCHEDULE = { kind: "containerJob", image: "registry.example/landbridge:1.4.0", everyMinutes: 5 };

/** A stack whose destination is Cosmos DB for Table, all of it on this machine, and the people on both sides. */
export class CosmosWorld {
  private readonly stores: Store[] = [];

  private constructor(
    readonly folder: string,
    readonly emulators: Emulators,
    readonly runner: StackRunner,
    readonly cosmos: SimulatedCosmos,
    readonly printed: readonly string[],
  ) {}

  static async open(engine: "local" | "pulumi", destination: object = {}): Promise<CosmosWorld> {
    const root = mkdtempSync(join(tmpdir(), "landbridge-cosmos-"));
    const folder = createWorkspace(join(root, "project"));
    const file = join(root, "emulators.json");
    const played: SimulatedCosmos[] = [];
    const emulators = await startEmulators({
      folder: join(root, "emulators"),
      file,
      accounts: [CONTOSO, FABRIKAM_COSMOS],
      startCosmos: async (options) => {
        const cosmos = await startSimulatedCosmos(options);
        played.push(cosmos);
        return cosmos;
      },
    });
    let world: CosmosWorld | undefined;
    try {
      // Whoever runs the stack signs in as a process in Azure does.
      Object.assign(process.env, { LANDBRIDGE_EMULATORS: file, ...emulators.signIn });
      const printed: string[] = [];
      const print = (line: string) => void printed.push(line);
      const runner = await openRunner(engine, { folder, stack: "dev", emulatorsFile: file, passphrase: "e2e", print });
      world = new CosmosWorld(folder, emulators, runner, played[0] as SimulatedCosmos, printed);
      await world.prepare(destination);
      return world;
    } catch (error) {
      await (world === undefined ? CosmosWorld.leave(emulators, root) : world.close());
      throw error;
    }
  }

  /** Nothing stays of what was started: neither processes, nor files, nor how they are found. */
  private static async leave(emulators: Emulators, root: string): Promise<void> {
    await emulators.stop();
    for (const name of ["LANDBRIDGE_EMULATORS", ...Object.keys(emulators.signIn)]) delete process.env[name];
    rmSync(root, { recursive: true, force: true });
  }

  configure(name: string, value: unknown): void {
    configure(this.folder, "dev", name, value);
  }

  source(): Store {
    return this.keep(openAsOwner(this.emulators.source));
  }

  put(at: number, extra = ""): Promise<void> {
    return putRow(this.source(), TABLE, rowAt(at, extra));
  }

  remove(at: number): Promise<void> {
    return removeRow(this.source(), TABLE, rowAt(at));
  }

  /** Somebody who holds one of the source's keys of this moment, and writes the same row again and again. */
  writer(at: 0 | 1): () => Promise<number | undefined> {
    const { account, tableEndpoint: endpoint, keys } = this.emulators.source;
    const store = this.keep(openAzureTables({ kind: "sharedKey", account, endpoint, key: keys()?.[at] ?? "" }));
    return async () => {
      try {
        await putRow(store, TABLE, rowAt(2, ',"backfilled":true'));
        return 200;
      } catch (error) {
        return (error as { status?: number }).status;
      }
    };
  }

  /** The source's, as its management shows it. */
  firewall(): unknown {
    const { subscriptionId, resourceGroup, account } = CONTOSO;
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/`
      + `storageAccounts/${account}`;
    return this.emulators.resource(id)?.properties["networkAcls"];
  }

  /** The application writes the destination. */
  applicationPuts(at: number, extra: string): void {
    const { partitionKey, rowKey, members } = rowAt(at, extra);
    const text = `{"PartitionKey":"${partitionKey}","RowKey":"${rowKey}",${members}}`;
    this.cosmos.service.account(FABRIKAM_COSMOS.account).seedJson(TABLE, [text]);
  }

  /** Row keys of the destination, and what else a row says of itself. */
  rows(): ReadonlyMap<string, string> {
    const rows = this.cosmos.service.account(FABRIKAM_COSMOS.account).rows(TABLE);
    const own = ["population", "area"];
    return new Map(rows.map(({ rowKey, properties }) =>
      [rowKey, [...properties].filter(([name]) => !own.includes(name)).map(([name]) => name).join()]));
  }

  /** An `up`, or another operation, with a phase; the outputs besides. */
  async up(phase: string): Promise<StackRun & { readonly outputs: Readonly<Record<string, unknown>> }> {
    this.configure("phase", phase);
    const run = await this.runner.up();
    return { ...run, outputs: run.ok ? await this.runner.outputs() : {} };
  }

  report(outputs: Readonly<Record<string, unknown>>) {
    return JSON.parse(readFileSync(join(this.folder, String(outputs["reportPath"])), "utf8"));
  }

  /** The destination as the deployer's identity gets at it, or a managed one. */
  destinationAs(clientId?: string): Store {
    const { account, tableEndpoint: endpoint } = this.emulators.destination;
    const { IDENTITY_ENDPOINT: identity = "", IDENTITY_HEADER: header = "" } = this.emulators.signIn;
    const who = clientId === undefined ? "" : `&client_id=${clientId}`;
    const token = async () => {
      const answer = await fetch(`${identity}?api-version=2019-08-01&resource=https://cosmos.azure.com${who}`, {
        headers: { "x-identity-header": header },
      });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    return this.keep(openAzureTables({ kind: "signIn", account, endpoint, token, dialect: "cosmos" }));
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
    await this.runner.close();
    await CosmosWorld.leave(this.emulators, join(this.folder, ".."));
  }

  private async prepare(destination: object): Promise<void> {
    this.configure("destination", { ...DESTINATION, ...destination });
    this.configure("tables", [TABLE]);
    this.configure("quietMinutes", QUIET_MINUTES);
    this.configure("schedule", SCHEDULE);
    this.configure("phase", "sync");
    await this.source().createTable(TABLE);
  }

  private keep(store: Store): Store {
    this.stores.push(store);
    return store;
  }
}

/** What the journal, in the destination, has of the table. */
export function phaseInJournal({ cosmos }: CosmosWorld): unknown {
  const rows = cosmos.service.account(FABRIKAM_COSMOS.account).rows(JOURNAL_TABLE);
  const [record] = rows.filter(({ rowKey }) => rowKey === "table");
  return record?.properties.get("syncPhase")?.value;
}
