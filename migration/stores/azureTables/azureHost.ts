/**
 * Ends of the host names under which Microsoft alone serves tables, in its public and national clouds. From "Storage
 * account overview" (standard endpoints, Azure DNS zone endpoints) and "Azure Cosmos DB for Table" connection strings.
 */
const DOMAINS = [
  "table.core.windows.net",
  "table.storage.azure.net",
  "table.core.chinacloudapi.cn",
  "table.core.usgovcloudapi.net",
  "table.cosmos.azure.com",
  "table.cosmosdb.azure.com",
  "table.cosmos.azure.cn",
  "table.cosmos.azure.us",
];

/** Whether Microsoft answers there. A domain of somebody's own does not say who does. */
export function isAzureHost(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return DOMAINS.some((domain) => host.endsWith(`.${domain}`));
}
