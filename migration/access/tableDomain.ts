/** Who serves an account's tables. */
export type TableService = "storage" | "cosmos";

/** What follows an account's name in the address of its tables, in the public cloud. */
export function tableDomain(service: TableService): string {
  return service === "cosmos" ? "table.cosmos.azure.com" : "table.core.windows.net";
}
