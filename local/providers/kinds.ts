import type { ResourceKind } from "./kind";
import { containerJob, managedEnvironment } from "./kinds/containerApps";
import { cosmosAccount } from "./kinds/cosmosAccount";
import { cosmosRole } from "./kinds/cosmosRole";
import { cosmosTable } from "./kinds/cosmosTable";
import { diagnosticSetting } from "./kinds/diagnosticSetting";
import { logAlert } from "./kinds/logAlert";
import { metricAlert } from "./kinds/metricAlert";
import { privateDnsZone, virtualNetworkLink } from "./kinds/privateDnsZone";
import { privateDnsZoneGroup, privateEndpoint } from "./kinds/privateEndpoint";
import { resourceGroup } from "./kinds/resourceGroup";
import { roleAssignment } from "./kinds/roleAssignment";
import { storageAccount } from "./kinds/storageAccount";
import { table } from "./kinds/table";
import { userAssignedIdentity } from "./kinds/userAssignedIdentity";
import { vault } from "./kinds/vault";
import { vaultSecret } from "./kinds/vaultSecret";
import { workspace } from "./kinds/workspace";

/** Every type there is; a resource of any other one is refused. */
export const KINDS: ReadonlyMap<string, ResourceKind> = new Map([
  ["azure-native:app:Job", containerJob],
  ["azure-native:app:ManagedEnvironment", managedEnvironment],
  ["azure-native:authorization:RoleAssignment", roleAssignment],
  ["azure-native:cosmosdb:DatabaseAccount", cosmosAccount],
  ["azure-native:cosmosdb:TableResourceTable", cosmosTable],
  ["azure-native:cosmosdb:TableResourceTableRoleAssignment", cosmosRole],
  ["azure-native:keyvault:Secret", vaultSecret],
  ["azure-native:keyvault:Vault", vault],
  ["azure-native:managedidentity:UserAssignedIdentity", userAssignedIdentity],
  ["azure-native:monitor:DiagnosticSetting", diagnosticSetting],
  ["azure-native:monitor:MetricAlert", metricAlert],
  ["azure-native:monitor:ScheduledQueryRule", logAlert],
  ["azure-native:network:PrivateDnsZoneGroup", privateDnsZoneGroup],
  ["azure-native:network:PrivateEndpoint", privateEndpoint],
  ["azure-native:operationalinsights:Workspace", workspace],
  ["azure-native:privatedns:PrivateZone", privateDnsZone],
  ["azure-native:privatedns:VirtualNetworkLink", virtualNetworkLink],
  ["azure-native:resources:ResourceGroup", resourceGroup],
  ["azure-native:storage:StorageAccount", storageAccount],
  ["azure-native:storage:Table", table],
]);
