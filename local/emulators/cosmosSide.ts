import { COSMOS_AUDIENCE, type IdentityService } from "./identityService";
import { EmulatedCosmosAccount } from "./managementApi/emulatedCosmosAccount";
import { COSMOS_TYPE } from "./managementApi/kinds/cosmosAccount";
import { dataRoleOf } from "./managementApi/kinds/cosmosRole";
import type { ManagementState } from "./managementApi/state";
import type { OrganisationAccount } from "./organisations";
import type { AccountKeys, CosmosDataPlane, StartCosmos } from "./tableService";

/** What plays Cosmos DB: its accounts. */
export interface CosmosSide {
  readonly accounts: readonly EmulatedCosmosAccount[];
  stop(): Promise<void>;
}

const NOBODY: CosmosSide = { accounts: [], stop: () => Promise.resolve() };

/** Rows are open to whom the management API's state says, at the moment of the request. */
function dataPlaneOf(state: ManagementState, identity: IdentityService): CosmosDataPlane {
  return {
    takesKeys: (account) => {
      const found = state.all().find(({ type, name }) => type === COSMOS_TYPE && name === account);
      return found !== undefined && found.properties["disableLocalAuth"] !== true;
    },
    roleOf: (account, token) => {
      const principal = identity.principalOf(token, COSMOS_AUDIENCE);
      return principal === undefined ? undefined : dataRoleOf(state, account, principal);
    },
  };
}

interface Around {
  readonly state: ManagementState;
  readonly keysOf: (account: string) => AccountKeys;
  readonly identity: IdentityService | undefined;
  readonly start: StartCosmos | undefined;
  /** Where to write, a line of JSON each, what is asked of the tables. */
  readonly callsFile: string;
}

/** Starts the players' Cosmos DB accounts, where there are any. */
export async function startCosmosSide(
  players: readonly OrganisationAccount[],
  { state, keysOf, identity, start, callsFile }: Around,
): Promise<CosmosSide> {
  if (players.length === 0 || identity === undefined) return NOBODY;
  if (start === undefined) {
    throw new Error("Nothing here plays Cosmos DB: give startEmulators what does (startCosmos).");
  }
  const accounts = players.map(({ account: name }) => ({ name, keys: keysOf(name) }));
  const service = await start({ accounts, dataPlane: dataPlaneOf(state, identity), callsFile });
  return {
    accounts: players.map(({ account, subscriptionId }) => new EmulatedCosmosAccount(account, subscriptionId, service)),
    stop: () => service.stop(),
  };
}
