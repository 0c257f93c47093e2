import { formatTicks } from "./dateTime";
import type { Profile } from "./profile";

/** `id`, `rid`, `etag` and `ResourceId` are the document's own (learn.microsoft.com/azure/cosmos-db/table/faq). */
const RESERVED = /^(?:id|rid|etag|resourceid)$/i;

/** Seven fractional digits, always. */
function dateTime(ticks: bigint): string {
  const [whole = "", fraction = ""] = formatTicks(ticks).slice(0, -1).split(".");
  return `${whole}.${fraction.padEnd(7, "0")}Z`;
}

/**
 * Azure Cosmos DB for Table. Sources: learn.microsoft.com/azure/cosmos-db/table/faq ("Where is API for Table not
 * identical with Azure Table storage behavior?") and .../concepts-limits; for spellings the wire recordings of the
 * Azure SDKs for .NET and Python; for what is written nowhere else their issues: azure-sdk-for-net 13555 (no PATCH),
 * 20533 (no limit of a property's size), 31171 (filters on Timestamp), azure-cosmos-table-dotnet 12, 44 and 65
 * (reserved names).
 */
export const COSMOS: Profile = {
  name: "cosmos",
  accountName: /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/,
  keyCharsMax: Number.POSITIVE_INFINITY,
  partitionKeyBytesMax: 1024,
  rowKeyBytesMax: 255,
  emptyKeys: false,
  propertiesMax: Number.POSITIVE_INFINITY,
  propertyNameCharsMax: Number.POSITIVE_INFINITY,
  propertyNamesReserved: RESERVED,
  propertyBytesMax: Number.POSITIVE_INFINITY,
  entityBytesMax: 2 * 1024 * 1024,
  batchRowsMax: 100,
  bodyBytesMax: 2 * 1024 * 1024,
  pageRowsMax: 1000,
  topMax: Number.POSITIVE_INFINITY,
  policiesMax: 0,
  tablesIgnoreCase: false,
  ordered: false,
  timestampFilters: false,
  mergeMethods: false,
  spelling: {
    etag: (ticks) => `W/"datetime'${encodeURIComponent(dateTime(ticks))}'"`,
    dateTime,
    timestampLast: true,
    selectsMissingAsNull: false,
    valueFirst: true,
    elementLink: (root, suffix, table) => `${root}/${table}/$metadata#${suffix}`,
    suffix: (id) => `\nRequestID:${id}\n`,
    errors: { language: "en-us", end: "\r\n", alwaysJson: true },
    headers: { server: "Microsoft-HTTPAPI/2.0" },
  },
};
