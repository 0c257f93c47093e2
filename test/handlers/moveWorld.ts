import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Store } from "../../migration/engine/store";
import type { Properties } from "../../migration/handlers/handler";
import type { RunHandlerPorts } from "../../migration/handlers/runs";
import { execute } from "../../migration/run/execute";
import { realPorts } from "../../migration/run/ports";
import type { ExecuteRequest } from "../../migration/run/request";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { memoryStore, type MemoryStore } from "../../migration/stores/memory";
import { CONTOSO, newWorld, type World } from "../access/world";
import { VirtualClock } from "../engine/virtualClock";

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-"));
  folders.push(folder);
  return folder;
}

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export const FABRIKAM = { ...CONTOSO, account: "fabrikamtables", resourceGroup: "their-data" };
const SIGNATURE = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

/** A credential bundle as TableSas gives it; `SIGNATURE` must turn up nowhere else. */
export function bundleFor(account: string, tables: readonly string[]): string {
  const sas = (table: string) => `sv=2019-02-02&tn=${table}&si=landbridge-demo&sig=${SIGNATURE}`;
  const tokens = Object.fromEntries(tables.map((table) => [table, sas(table)]));
  const endpoint = `https://${account}.table.core.windows.net`;
  return JSON.stringify({ version: 1, account, endpoint, expiresOn: "2999-01-01T00:00:00Z", tables: tokens });
}

export function holdsSecret(value: unknown): boolean {
  return JSON.stringify(value).includes(SIGNATURE) || JSON.stringify(value).includes("AccountKey");
}

/** The real engine between two accounts in memory, and what handlers need of the world. */
export interface MoveWorld {
  readonly access: World;
  readonly source: MemoryStore;
  readonly destination: MemoryStore;
  readonly ports: RunHandlerPorts;
  readonly requests: ExecuteRequest[];
  /** Stands before the source's and the destination's store: to be slow, or to refuse. */
  intercept: (account: string, store: Store) => Store;
  put(store: MemoryStore, rowKey: string, population: number, table?: string): Promise<void>;
  readonly inputs: Properties;
}

export function moveWorld(): MoveWorld {
  const clock = new VirtualClock();
  const now = () => clock.now();
  const access = newWorld(["contosotables", []], ["fabrikamtables", []]);
  const source = memoryStore({ name: "contosotables", now });
  const destination = memoryStore({ name: "fabrikamtables", now });
  const requests: ExecuteRequest[] = [];
  const world: MoveWorld = {
    access,
    source,
    destination,
    requests,
    intercept: (_account, store) => store,
    ports: {
      open: access.open,
      say: access.say,
      clock,
      execute: (request) => {
        requests.push(request);
        return execute(request, {
          ...realPorts,
          clock,
          openStore: ({ account }) => world.intercept(account, account === "contosotables" ? source : destination),
          openJournal: (store) => tableJournal(store, JOURNAL_TABLE, { clock }),
        });
      },
    },
    async put(store, rowKey, population, table = "Cities") {
      await store.createTable(table);
      await store.put(table, { PartitionKey: "p", RowKey: rowKey, population });
      clock.advance(5_000);
    },
    inputs: {
      __provider: "text",
      source: bundleFor("contosotables", ["Cities"]),
      destination: bundleFor("fabrikamtables", ["Cities", JOURNAL_TABLE]),
      sourceAccount: CONTOSO,
      destinationAccount: FABRIKAM,
      tables: [{ table: "Cities" }],
      deletes: "report",
      conflicts: "refuse",
      frozen: false,
      reportFolder: join(newFolder(), "reports"),
    },
  };
  return world;
}
