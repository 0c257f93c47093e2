import type { CosmosService, CosmosServiceOptions } from "../../local/emulators";
import { recordDataCalls } from "../../local/emulators/dataCalls";
import { COSMOS } from "./cosmos";
import { serve } from "./server";
import { SimulatedTableService } from "./service";

export interface SimulatedCosmos extends CosmosService {
  /** For looking in, and for playing others who write. */
  readonly service: SimulatedTableService;
}

/** The simulated Cosmos DB, as the emulators have it behind their management API. */
export async function startSimulatedCosmos(
  { accounts, dataPlane, callsFile }: CosmosServiceOptions,
): Promise<SimulatedCosmos> {
  const service = new SimulatedTableService({
    accounts: accounts.map(({ name, keys: [key, key2] }) => ({ name, key, key2 })), profile: COSMOS,
  });
  for (const { name } of accounts) {
    const account = service.account(name);
    account.takesKeys = () => dataPlane.takesKeys(name);
    account.roleOf = (token) => dataPlane.roleOf(name, token);
  }
  const server = await serve(service, (http) => recordDataCalls(http, callsFile));
  let stopped = false;
  return {
    service,
    endpoint: (account) => server.endpoint(account),
    setKeys: (account, keys) => Promise.resolve(service.account(account).setKeys(keys)),
    listTables: (account) => service.account(account).tableNames(),
    createTable: (account, table) => {
      const found = service.account(account);
      if (found.liveTable(table) === undefined) found.createTable(table);
    },
    deleteTable: (account, table) => {
      const found = service.account(account);
      if (found.liveTable(table) !== undefined) found.deleteTable(table, 0);
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await server.close();
    },
  };
}
