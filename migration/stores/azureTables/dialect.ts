import { OperationalError } from "../../engine/errors";
import type { PageRequest, StoreLimits } from "../../engine/store";
import { COSMOS_LIMITS, STORAGE_LIMITS } from "./limits";

export type DialectName = "storage" | "cosmos";

/** Where services that speak the Table protocol differ, as far as it concerns who speaks it with them. */
export interface Dialect {
  readonly name: DialectName;
  /** Rows come in key order. */
  readonly ordered: boolean;
  readonly limits: StoreLimits;
  /** PATCH is refused (405): a merge goes as POST with `X-HTTP-Method: MERGE` (azure-sdk-for-net issue 13555). */
  readonly mergesByPost: boolean;
  /** A table that is not there is called ResourceNotFound, as a row is. */
  readonly missingTableIsResource: boolean;
  /** A filter on Timestamp finds what it says; otherwise nothing, with success (azure-sdk-for-net issue 31171). */
  readonly timestampFilters: boolean;
}

export const STORAGE: Dialect = {
  name: "storage",
  ordered: true,
  limits: STORAGE_LIMITS,
  mergesByPost: false,
  missingTableIsResource: false,
  timestampFilters: true,
};

/** Azure Cosmos DB for Table. What it does otherwise was taken from recordings of the Azure SDKs. */
export const COSMOS: Dialect = {
  name: "cosmos",
  ordered: false,
  limits: COSMOS_LIMITS,
  mergesByPost: true,
  missingTableIsResource: true,
  timestampFilters: false,
};

/** `contoso.table.cosmos.azure.com`, the older `contoso.table.cosmosdb.azure.com`, and their like in other clouds. */
const COSMOS_HOST = /\.table\.cosmos(?:db)?\./i;

/** The dialect a host speaks, unless somebody knows better: an address on this machine does not say. */
export function dialectOf(origin: string, hint?: DialectName): Dialect {
  const name = hint ?? (COSMOS_HOST.test(new URL(origin).hostname) ? "cosmos" : "storage");
  return name === "cosmos" ? COSMOS : STORAGE;
}

/** True where a filter names Timestamp outside its quoted texts. */
function asksForTimestamp(filter: string): boolean {
  return /\bTimestamp\b/.test(filter.replace(/'(?:[^']|'')*'/g, "''"));
}

/**
 * Refuses requests that the service would answer wrongly without saying so.
 * Throws `TimestampFilterUnsupported`.
 */
export function checkRequest({ timestampFilters }: Dialect, request: PageRequest, doing: string): void {
  if (timestampFilters) return;
  const byFilter = request.filter !== undefined && asksForTimestamp(request.filter);
  if (request.changedSince === undefined && !byFilter) return;
  const asked = byFilter ? `the filter ${JSON.stringify(request.filter)}` : `changes since ${request.changedSince}`;
  throw new OperationalError({
    code: "TimestampFilterUnsupported",
    message:
      `${doing} for ${asked}: Cosmos DB for Table answers a filter on Timestamp with no rows and success, whatever ` +
      "the rows are. Read the whole table, or filter by a property of your own.",
  });
}
