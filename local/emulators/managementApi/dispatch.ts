import { ArmError } from "./armError";
import type { ArmAnswer, ArmCall, ArmHandler, ArmKind } from "./kind";
import { listKeys, regenerateKey } from "./kinds/accountKeys";
import { containerJob } from "./kinds/containerJob";
import { cosmosAccount, cosmosKeys } from "./kinds/cosmosAccount";
import { cosmosRoleAssignment } from "./kinds/cosmosRole";
import { cosmosTable } from "./kinds/cosmosTable";
import { diagnosticSetting } from "./kinds/diagnosticSetting";
import { logAlert } from "./kinds/logAlert";
import { managedEnvironment } from "./kinds/managedEnvironment";
import { metricAlert } from "./kinds/metricAlert";
import { blobContainer, fileShare, queue } from "./kinds/otherData";
import { privateDnsZone, privateDnsZoneLink } from "./kinds/privateDnsZone";
import { privateDnsZoneGroup, privateEndpoint } from "./kinds/privateEndpoint";
import { resourceGroup } from "./kinds/resourceGroup";
import { roleAssignment, roleDefinition } from "./kinds/roleAssignment";
import { storageAccount } from "./kinds/storageAccount";
import { table, tableService } from "./kinds/table";
import { userAssignedIdentity } from "./kinds/userAssignedIdentity";
import { vault } from "./kinds/vault";
import { vaultSecret } from "./kinds/vaultSecret";
import { workspace } from "./kinds/workspace";

/** All types this stand-in knows. Anything else is refused as Azure refuses what it does not know. */
const KINDS: ReadonlyMap<string, ArmKind> = new Map<string, ArmKind>([
  ["resourcegroups", resourceGroup],
  ["microsoft.storage/storageaccounts", {
    ...storageAccount,
    actions: { listkeys: listKeys, regeneratekey: regenerateKey },
  }],
  ["microsoft.storage/storageaccounts/tableservices", tableService],
  ["microsoft.storage/storageaccounts/tableservices/tables", table],
  ["microsoft.storage/storageaccounts/blobservices/containers", blobContainer],
  ["microsoft.storage/storageaccounts/queueservices/queues", queue],
  ["microsoft.storage/storageaccounts/fileservices/shares", fileShare],
  ["microsoft.keyvault/vaults", vault],
  ["microsoft.keyvault/vaults/secrets", vaultSecret],
  ["microsoft.operationalinsights/workspaces", workspace],
  ["microsoft.insights/diagnosticsettings", diagnosticSetting],
  ["microsoft.documentdb/databaseaccounts", { ...cosmosAccount, actions: cosmosKeys }],
  ["microsoft.documentdb/databaseaccounts/tables", cosmosTable],
  ["microsoft.documentdb/databaseaccounts/tableroleassignments", cosmosRoleAssignment],
  ["microsoft.insights/metricalerts", metricAlert],
  ["microsoft.insights/scheduledqueryrules", logAlert],
  ["microsoft.network/privateendpoints", privateEndpoint],
  ["microsoft.network/privateendpoints/privatednszonegroups", privateDnsZoneGroup],
  ["microsoft.network/privatednszones", privateDnsZone],
  ["microsoft.network/privatednszones/virtualnetworklinks", privateDnsZoneLink],
  ["microsoft.app/managedenvironments", managedEnvironment],
  ["microsoft.app/jobs", containerJob],
  ["microsoft.managedidentity/userassignedidentities", userAssignedIdentity],
  ["microsoft.authorization/roleassignments", roleAssignment],
  ["microsoft.authorization/roledefinitions", roleDefinition],
]);

function choose(kind: ArmKind, method: string, call: ArmCall): ArmHandler | undefined {
  const { action, collection } = call.target;
  if (action !== undefined) return kind.actions?.[action];
  if (collection) return method === "GET" ? kind.list : undefined;
  switch (method) {
    case "GET":
      return kind.get;
    case "PUT":
      return kind.put;
    case "PATCH":
      return kind.patch;
    case "DELETE":
      return kind.delete;
    default:
      return undefined;
  }
}

export async function dispatch(method: string, call: ArmCall): Promise<ArmAnswer> {
  const { target } = call;
  const kind = KINDS.get(target.type);
  if (kind === undefined) {
    const message = `The resource type '${target.type}' could not be found for api version '${call.apiVersion}'.`;
    throw new ArmError(404, "InvalidResourceType", message);
  }
  const handler = choose(kind, method, call);
  if (handler === undefined) {
    const what = target.action ?? target.type;
    const message = `The requested resource does not support http method '${method}' (${what}).`;
    throw new ArmError(405, "MethodNotAllowed", message);
  }
  return await handler(call);
}
