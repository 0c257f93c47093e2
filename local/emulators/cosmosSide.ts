import type { AccountKeys } from "./azurite";
import { COSMOS_AUDIENCE, startIdentityService, type IdentityService } from "./identityService";
import { EmulatedCosmosAccount } from "./managementApi/emulatedCosmosAccount";
import { COSMOS_TYPE } from "./managementApi/kinds/cosmosAccount";
import { dataRoleOf } from "./managementApi/kinds/cosmosRole";
import { principalOfClient } from "./managementApi/kinds/userAssignedIdentity";
import type { ManagementState } from "./managementApi/state";
import type { OrganisationAccount } from "./organisations";
import type { CosmosDataPlane, StartCosmos } from "./tableService";

/** What plays Cosmos DB: its accounts, and the identities that sign in to them. */
export interface CosmosSide {
  readonly accounts: readonly EmulatedCosmosAccount[];
  readonly identity: IdentityService | undefined;
  stop(): Promise<void>;
}

const NOBODY: CosmosSide = { accounts: [], identity: undefined, stop: () => Promise.resolve() };

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

/** Starts the players' Cosmos DB accounts, where there are any. */
export async function startCosmosSide(
  players: readonly OrganisationAccount[],
  state: ManagementState,
  keysOf: (account: string) => AccountKeys,
  start: StartCosmos | undefined,
): Promise<CosmosSide> {
  if (players.length === 0) return NOBODY;
  if (start === undefined) {
    throw new Error("Nothing here plays Cosmos DB: give startEmulators what does (startCosmos).");
  }
  const identity = await startIdentityService((clientId) => principalOfClient(state, clientId));
  try {
    const accounts = players.map(({ account: name }) => ({ name, keys: keysOf(name) }));
    const service = await start({ accounts, dataPlane: dataPlaneOf(state, identity) });
    return {
      accounts: players.map(({ account, subscriptionId }) =>
        new EmulatedCosmosAccount(account, subscriptionId, service)),
      identity,
      stop: async () => void (await Promise.all([service.stop(), identity.stop()])),
    };
  } catch (error) {
    await identity.stop();
    throw error;
  }
}
