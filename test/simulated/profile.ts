import { etagOf, formatTicks } from "./dateTime";
import type { Spelling } from "./spelling";

/** What one kind of service accepts, and how it spells what it answers. A limit that it lacks is infinite. */
export interface Profile {
  readonly name: "storage" | "cosmos";
  /** Of an account. */
  readonly accountName: RegExp;
  /** UTF-16 units in a partition key or a row key. */
  readonly keyCharsMax: number;
  /** UTF-8 bytes. */
  readonly partitionKeyBytesMax: number;
  readonly rowKeyBytesMax: number;
  readonly emptyKeys: boolean;
  /** Besides PartitionKey, RowKey and Timestamp. */
  readonly propertiesMax: number;
  readonly propertyNameCharsMax: number;
  /** Names that no property may have. */
  readonly propertyNamesReserved: RegExp | undefined;
  /** Of a string (two bytes a UTF-16 unit) or a binary value. */
  readonly propertyBytesMax: number;
  readonly entityBytesMax: number;
  readonly batchRowsMax: number;
  /** Of a request body, a batch's included. */
  readonly bodyBytesMax: number;
  readonly pageRowsMax: number;
  /** Largest `$top`. */
  readonly topMax: number;
  /** Stored access policies of a table; 0: there are none at all. */
  readonly policiesMax: number;
  /** `Cities` and `cities` are one table. */
  readonly tablesIgnoreCase: boolean;
  /** Pages come in key order. */
  readonly ordered: boolean;
  /** A filter on Timestamp finds what it says; otherwise it finds nothing, and says so with 200. */
  readonly timestampFilters: boolean;
  /** PATCH and MERGE are methods; otherwise a merge is a POST with `X-HTTP-Method: MERGE`. */
  readonly mergeMethods: boolean;
  readonly spelling: Spelling;
}

/**
 * Azure Table Storage. Numbers from learn.microsoft.com/azure/storage/tables/scalability-targets and
 * .../understanding-the-table-service-data-model.
 */
export const STORAGE: Profile = {
  name: "storage",
  accountName: /^[a-z0-9]{3,24}$/,
  keyCharsMax: 1024,
  partitionKeyBytesMax: Number.POSITIVE_INFINITY,
  rowKeyBytesMax: Number.POSITIVE_INFINITY,
  emptyKeys: true,
  propertiesMax: 252,
  propertyNameCharsMax: 255,
  propertyNamesReserved: undefined,
  propertyBytesMax: 64 * 1024,
  entityBytesMax: 1024 * 1024,
  batchRowsMax: 100,
  bodyBytesMax: 4 * 1024 * 1024,
  pageRowsMax: 1000,
  topMax: 1000,
  policiesMax: 5,
  tablesIgnoreCase: true,
  ordered: true,
  timestampFilters: true,
  mergeMethods: true,
  spelling: {
    etag: etagOf,
    dateTime: formatTicks,
    timestampLast: false,
    selectsMissingAsNull: true,
    valueFirst: false,
    elementLink: (root, suffix) => `${root}/$metadata#${suffix}`,
    suffix: (id, nowMs) => `\nRequestId:${id}\nTime:${new Date(nowMs).toISOString()}`,
    errors: { language: "en-US", end: "", alwaysJson: false },
    headers: { server: "Windows-Azure-Table/1.0 Microsoft-HTTPAPI/2.0", "x-content-type-options": "nosniff" },
  },
};
