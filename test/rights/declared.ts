import { record, runIndex, type Recording } from "../components/recorder";
import { GUID, written, type Written } from "../components/written";

/** What azure-native's resources are in Azure, for types that no stand-in carries out: each is read, put, deleted. */
const TYPES: Readonly<Record<string, string>> = {
  "app:Job": "Microsoft.App/jobs",
  "app:ManagedEnvironment": "Microsoft.App/managedEnvironments",
  "authorization:RoleAssignment": "Microsoft.Authorization/roleAssignments",
  "compute:VirtualMachine": "Microsoft.Compute/virtualMachines",
  "compute:VirtualMachineRunCommandByVirtualMachine": "Microsoft.Compute/virtualMachines/runCommands",
  "cosmosdb:DatabaseAccount": "Microsoft.DocumentDB/databaseAccounts",
  "cosmosdb:TableResourceTable": "Microsoft.DocumentDB/databaseAccounts/tables",
  "cosmosdb:TableResourceTableRoleAssignment": "Microsoft.DocumentDB/databaseAccounts/tableRoleAssignments",
  "devtestlab:GlobalSchedule": "Microsoft.DevTestLab/schedules",
  "keyvault:Secret": "Microsoft.KeyVault/vaults/secrets",
  "keyvault:Vault": "Microsoft.KeyVault/vaults",
  "managedidentity:UserAssignedIdentity": "Microsoft.ManagedIdentity/userAssignedIdentities",
  "monitor:DiagnosticSetting": "Microsoft.Insights/diagnosticSettings",
  "monitor:MetricAlert": "Microsoft.Insights/metricAlerts",
  "monitor:ScheduledQueryRule": "Microsoft.Insights/scheduledQueryRules",
  "network:NatGateway": "Microsoft.Network/natGateways",
  "network:NetworkInterface": "Microsoft.Network/networkInterfaces",
  "network:NetworkSecurityGroup": "Microsoft.Network/networkSecurityGroups",
  "network:PrivateDnsZoneGroup": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
  "network:PrivateEndpoint": "Microsoft.Network/privateEndpoints",
  "network:PublicIPAddress": "Microsoft.Network/publicIPAddresses",
  "network:Subnet": "Microsoft.Network/virtualNetworks/subnets",
  "network:VirtualNetwork": "Microsoft.Network/virtualNetworks",
  "operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces",
  "privatedns:PrivateZone": "Microsoft.Network/privateDnsZones",
  "privatedns:VirtualNetworkLink": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
  "resources:ResourceGroup": "Microsoft.Resources/subscriptions/resourceGroups",
  "storage:BlobContainer": "Microsoft.Storage/storageAccounts/blobServices/containers",
  "storage:StorageAccount": "Microsoft.Storage/storageAccounts",
};

/** No resource of the management API: azure-native asks for a key, and writes with it. */
const BY_KEY: Readonly<Record<string, string>> = {
  "storage:Blob": "Microsoft.Storage/storageAccounts/listKeys/action",
};

/** Functions that the program calls; `undefined`: what it knows without a call of the management API. */
const FUNCTIONS: Readonly<Record<string, string | undefined>> = {
  "authorization:getClientConfig": undefined,
  "cosmosdb:getDatabaseAccount": "Microsoft.DocumentDB/databaseAccounts/read",
  "cosmosdb:listDatabaseAccountKeys": "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
  "storage:getStorageAccount": "Microsoft.Storage/storageAccounts/read",
};

function known<T>(table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name] as T;
  throw new Error(`No right is known for ${name} of azure-native: say what it is in Azure.`);
}

const OF_AZURE = "azure-native:";

/** Rights that resources and functions of azure-native take, provider resources apart; of one part of the program. */
export function rightsDeclared({ resources, calls }: Recording, only: (urn: string) => boolean): ReadonlySet<string> {
  const custom = resources.filter(({ type, custom: isCustom, urn }) => {
    return isCustom && type.startsWith(OF_AZURE) && only(urn);
  });
  const names = custom.map(({ type }) => type.slice(OF_AZURE.length));
  const byKey = names.flatMap((name) => BY_KEY[name] ?? []);
  const types = names.filter((name) => !Object.hasOwn(BY_KEY, name)).map((name) => known(TYPES, name));
  const functions = calls.flatMap(({ token }) => known(FUNCTIONS, token.slice(OF_AZURE.length)) ?? []);
  const ofTypes = types.flatMap((type) => ["read", "write", "delete"].map((verb) => `${type}/${verb}`));
  return new Set([...ofTypes, ...byKey, ...functions]);
}

const OUTPUTS = {
  "managedidentity:UserAssignedIdentity": { principalId: GUID, clientId: GUID },
  "storage:StorageAccount": { name: "landbridgehost1a2b3c4d" },
};

/** Runs index.ts with mocks, as a stack with this destination would. */
export async function declare(destination: Written, changes: Written = {}): Promise<Recording> {
  const base = written();
  const side = { ...(base["destination"] as Written), ...destination };
  const config = { "landbridge:migration": JSON.stringify({ ...base, destination: side, ...changes }) };
  return await record(runIndex, {
    config,
    outputs: OUTPUTS,
    calls: {
      "azure-native:cosmosdb:listDatabaseAccountKeys": { primaryMasterKey: "one", secondaryMasterKey: "two" },
      "azure-native:cosmosdb:getDatabaseAccount": { id: "/subscriptions/s", capabilities: [{ name: "EnableTable" }] },
    },
  });
}
