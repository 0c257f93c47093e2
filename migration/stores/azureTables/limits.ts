import type { StoreLimits } from "../../engine/store";

/**
 * Limits of Azure Table Storage.
 * Sources: "Understanding the Table service data model", "Performing entity group transactions",
 * "Query timeout and pagination" (learn.microsoft.com/rest/api/storageservices).
 */

/** A batch is at most 4 MiB; this much of it is kept for the envelope around the operations. */
const BATCH_ENVELOPE_BYTES = 1024;

export const STORAGE_LIMITS: StoreLimits = {
  batchRowsMax: 100,
  batchBytesMax: 4 * 1024 * 1024 - BATCH_ENVELOPE_BYTES,
  batchOnePartition: true,
};

/**
 * Limits of Azure Cosmos DB for Table: "Frequently asked questions about Azure Cosmos DB for Table" and "Azure Cosmos
 * DB service quotas" (learn.microsoft.com/azure/cosmos-db).
 */
export const COSMOS_LIMITS: StoreLimits = {
  batchRowsMax: 100,
  batchBytesMax: 2 * 1024 * 1024 - BATCH_ENVELOPE_BYTES,
  batchOnePartition: true,
};

/** Bytes of UTF-8. */
export const COSMOS_ROW_KEY_BYTES_MAX = 255;
export const COSMOS_PARTITION_KEY_BYTES_MAX = 1024;

/** Of the document that an entity becomes, as JSON text. */
export const COSMOS_ENTITY_BYTES_MAX = 2 * 1024 * 1024;

/** Most rows in one page. */
export const PAGE_ROWS_MAX = 1000;

/** 255, less PartitionKey, RowKey and Timestamp. */
export const PROPERTIES_MAX = 252;

export const PROPERTY_NAME_CHARS_MAX = 255;

export const ENTITY_BYTES_MAX = 1024 * 1024;

/** Strings count two bytes for each UTF-16 unit; binary counts its bytes. */
export const VALUE_BYTES_MAX = 64 * 1024;

/**
 * Each of the two keys, in UTF-16 units. Microsoft's pages differ: "Scalability and performance targets for Table
 * storage" (learn.microsoft.com/azure/storage/tables/scalability-targets) says 1,024 characters, "Understanding the
 * Table service data model" says 1 KiB, which is 512 of them. The larger bound stands here: a row that a source holds
 * is not refused on the word of one page. The service has the last word, and a row it refuses is reported.
 */
export const KEY_CHARS_MAX = 1024;

/** Edm.DateTime begins here. */
export const YEAR_MIN = 1601;
