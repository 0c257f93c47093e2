import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzurite } from "../../local/emulators/azurite";
import type { Row } from "../../migration/engine/row";
import type { DialectName } from "../../migration/stores/azureTables";
import { openAzureTables } from "../../migration/stores/azureTables";
import { memoryStore } from "../../migration/stores/memory";
import type { PagingHabits, ServiceOptions } from "../simulated";
import { COSMOS, parseTicks, serve, SimulatedTableService } from "../simulated";
import { readEntity } from "../simulated/entity";
import { parseFilter } from "../simulated/filter";
import { DIFFERENCES } from "./differences";
import { storeContract } from "./storeContract";
import type { Opened } from "./subject";

const KEY = Buffer.from("the contract's first key").toString("base64");
const KEY2 = Buffer.from("the contract's second key").toString("base64");
const WRONG_KEY = Buffer.from("a key of another account").toString("base64");
const ACCOUNT = "contoso";
const AWKWARD_PAGES: PagingHabits = { emptyPageChance: 0.3, rowsScannedPerPageMax: 90, continueAtPartitions: true };

function openAt(endpoint: string, close: () => Promise<void>, dialect: DialectName = "storage"): Opened {
  const credential = { kind: "sharedKey", account: ACCOUNT, endpoint, dialect } as const;
  const store = openAzureTables({ ...credential, key: KEY });
  const stranger = openAzureTables({ ...credential, key: WRONG_KEY });
  return {
    store,
    stranger,
    close: async () => {
      await Promise.all([store.close(), stranger.close()]);
      await close();
    },
  };
}

async function openSimulated(options: Partial<ServiceOptions>): Promise<Opened> {
  const service = new SimulatedTableService({ accounts: [{ name: ACCOUNT, key: KEY }], seed: 11, ...options });
  const server = await serve(service);
  return {
    ...openAt(server.endpoint(ACCOUNT), () => server.close(), service.profile.name),
    fail: (rule) => service.faults.add(rule),
    lastBatchBytes: () => service.log.findLast(({ path }) => path === "$batch")?.bytes ?? 0,
  };
}

async function openAzurite(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "landbridge-contract-"));
  const azurite = await startAzurite({ accounts: [{ name: ACCOUNT, keys: [KEY, KEY2] }], folder });
  return openAt(azurite.endpoint(ACCOUNT), async () => {
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

/** OData filters over rows in memory, read by the simulated service's own parser. */
function rowFilter(text: string): (row: Row) => boolean {
  const { matches } = parseFilter(text);
  return (row) =>
    matches({
      partitionKey: row.partitionKey,
      rowKey: row.rowKey,
      ticks: parseTicks(row.modified) ?? 0n,
      properties: readEntity(Buffer.from(row.body).toString("utf8")).properties,
    });
}

async function openMemory(): Promise<Opened> {
  const store = memoryStore({ name: ACCOUNT, filter: rowFilter });
  return { store, close: () => store.close() };
}

storeContract({
  name: "the memory store",
  quirks: DIFFERENCES.memory,
  hasCredentials: false,
  canFail: false,
  open: openMemory,
});

storeContract({
  name: "Azure tables on the simulated service",
  quirks: DIFFERENCES.simulated,
  hasCredentials: true,
  canFail: true,
  open: () => openSimulated({}),
});

storeContract({
  name: "Azure tables on the simulated service with awkward pages",
  quirks: DIFFERENCES.simulated,
  hasCredentials: true,
  canFail: true,
  open: () => openSimulated({ paging: AWKWARD_PAGES, asciiJson: true }),
});

storeContract({
  name: "Azure tables on the simulated Cosmos DB",
  quirks: DIFFERENCES.simulatedCosmos,
  hasCredentials: true,
  canFail: true,
  open: () => openSimulated({ profile: COSMOS }),
});

storeContract({
  name: "Azure tables on the simulated Cosmos DB with awkward pages",
  quirks: DIFFERENCES.simulatedCosmos,
  hasCredentials: true,
  canFail: true,
  open: () => openSimulated({ profile: COSMOS, paging: AWKWARD_PAGES, asciiJson: true }),
});

storeContract({
  name: "Azure tables on Azurite",
  quirks: DIFFERENCES.azurite,
  hasCredentials: true,
  canFail: false,
  open: openAzurite,
});
