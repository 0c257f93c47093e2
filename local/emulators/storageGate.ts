import type { Azurite } from "./azurite";
import { startEntraGate, type EntraGate } from "./entraGate";
import { STORAGE_AUDIENCE, type IdentityService } from "./identityService";
import { tableRoleOf } from "./managementApi/kinds/roleAssignment";
import { ACCOUNT_TYPE } from "./managementApi/kinds/storageAccount";
import type { ManagementState } from "./managementApi/state";
import type { OrganisationAccount } from "./organisations";

interface Behind {
  readonly state: ManagementState;
  readonly azurite: Azurite;
  readonly identity: IdentityService | undefined;
  readonly callsFile: string;
}

/** The gate of a storage account that Entra ID opens, as the management API's state has it; undefined for others. */
export async function storageGate(
  { account, sharedKeys }: OrganisationAccount,
  { state, azurite, identity, callsFile }: Behind,
): Promise<EntraGate | undefined> {
  if (sharedKeys === undefined || identity === undefined) return undefined;
  const found = () => state.all().find(({ type, name }) => type === ACCOUNT_TYPE && name === account);
  return await startEntraGate({
    account,
    behind: azurite.endpoint(account),
    callsFile,
    key: () => state.keysOf(account)?.keys[0] ?? "",
    takesKeys: () => found()?.properties["allowSharedKeyAccess"] !== false,
    roleOf: (token) => {
      const principal = identity.principalOf(token, STORAGE_AUDIENCE);
      return principal === undefined ? "nobody" : tableRoleOf(state, found()?.id ?? "", principal);
    },
  });
}
