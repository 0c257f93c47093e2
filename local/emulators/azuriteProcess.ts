import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import TableConfiguration from "azurite/dist/src/table/TableConfiguration";
import TableServer from "azurite/dist/src/table/TableServer";
import type { AzuriteAnswer, AzuriteOrder } from "./azuriteProtocol";
import { recordDataCalls } from "./dataCalls";
import { takeBatchesWithTableSas } from "./azuriteTableSas";

/**
 * One Azurite table service in a process of its own, driven over the channel its parent opened. A process of its own
 * because Azurite reads its accounts from the environment, which two organisations cannot share. Its telemetry is never
 * initialised. Keys come over the channel: they show neither in arguments nor in the environment others can read.
 */

/** The part of Azurite's server that re-reads AZURITE_ACCOUNTS, which Azurite itself does once a minute. */
interface AccountRefresher {
  refresh(): void;
}

let server: TableServer | undefined;

function answer(message: AzuriteAnswer): void {
  process.send?.(message);
}

function httpServerOf(table: TableServer): Server {
  const { httpServer } = table as unknown as { httpServer?: Server };
  if (httpServer !== undefined) return httpServer;
  throw new Error("this version of azurite keeps its server elsewhere; use the version in package-lock.json");
}

async function start(order: Extract<AzuriteOrder, { kind: "start" }>): Promise<void> {
  process.env.AZURITE_ACCOUNTS = order.accounts;
  mkdirSync(order.folder, { recursive: true });
  const keepAliveSeconds = 5;
  const database = join(order.folder, "tables.json");
  const configuration = new TableConfiguration("127.0.0.1", order.port, keepAliveSeconds, database, false, false);
  const starting = new TableServer(configuration);
  if (order.callsFile !== undefined) recordDataCalls(httpServerOf(starting), order.callsFile);
  await starting.start();
  server = starting;
  answer({ kind: "started", port: Number(new URL(starting.getHttpServerAddress()).port) });
}

function setAccounts(order: Extract<AzuriteOrder, { kind: "accounts" }>): void {
  process.env.AZURITE_ACCOUNTS = order.accounts;
  const { accountDataStore } = server as unknown as { accountDataStore?: Partial<AccountRefresher> };
  if (accountDataStore?.refresh === undefined) {
    throw new Error("this version of azurite keeps its accounts elsewhere; use the version in package-lock.json");
  }
  accountDataStore.refresh();
  answer({ kind: "accountsSet" });
}

/** Closing saves what is not on disk yet; killing would lose it. */
async function stop(): Promise<void> {
  const closing = server;
  server = undefined;
  try {
    if (closing !== undefined) await closing.close();
  } catch (error) {
    process.stderr.write(`Azurite could not save: ${String(error)}\n`);
    process.exitCode = 1;
  }
  process.exit();
}

async function obey(order: AzuriteOrder): Promise<void> {
  try {
    if (order.kind === "start") await start(order);
    else if (order.kind === "accounts") setAccounts(order);
    else await stop();
  } catch (error) {
    answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

takeBatchesWithTableSas();
// Ctrl-C reaches every process of the terminal's group, but the parent decides when to stop. It is gone: so are we.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => void stop());
process.on("disconnect", () => void stop());
process.on("message", (order) => void obey(order as AzuriteOrder));
