import * as cosmosdb from "@pulumi/azure-native/cosmosdb";
import * as pulumi from "@pulumi/pulumi";
import { stableGuid } from "./stableGuid";

export type CosmosRole = "reader" | "contributor";

/** Roles that every account of Cosmos DB for Table has (Microsoft: "data plane security reference", Table). */
const ROLE_IDS: Readonly<Record<CosmosRole, string>> = {
  reader: "00000000-0000-0000-0000-000000000001",
  contributor: "00000000-0000-0000-0000-000000000002",
};

export interface CosmosRoleArgs {
  readonly accountName: string;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly principalId: pulumi.Input<string>;
  readonly role: CosmosRole;
}

/**
 * Lets a principal at an account's tables. It is Cosmos DB's own data-plane role, not one of Azure's access control:
 * the right to manage the account gives no access to its rows, and the other way about.
 */
export function grantCosmosRole(
  name: string,
  { accountName, resourceGroupName, accountId, principalId, role }: CosmosRoleArgs,
  opts: pulumi.CustomResourceOptions,
): cosmosdb.TableResourceTableRoleAssignment {
  const guid = pulumi.output(principalId).apply((id) => stableGuid(accountName, id.toLowerCase(), role, name));
  return new cosmosdb.TableResourceTableRoleAssignment(
    name,
    {
      accountName,
      resourceGroupName,
      roleAssignmentId: guid,
      principalId,
      roleDefinitionId: pulumi.interpolate`${accountId}/tableRoleDefinitions/${ROLE_IDS[role]}`,
      scope: accountId,
    },
    opts,
  );
}
