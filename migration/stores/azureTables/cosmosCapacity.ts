import type { CapacityRules } from "../../engine/rowFormat";
import type { Row } from "../../engine/row";

const KB = 1024;

/** Microsoft, "Azure Cosmos DB service quotas": a logical partition holds 20 GB. */
export const COSMOS_PARTITION_BYTES_MAX = 20 * KB ** 3;

/**
 * Microsoft's examples ("Request units as a throughput and performance currency", and the capacity planner's): a point
 * read takes 1 RU at 1 KB and 10 at 100 KB, a write of a document of which all is indexed 5 at 1 KB and 50 at 100 KB.
 * Between and beyond goes a straight line. It is an estimate: more properties cost more, as does a replace.
 */
const READ = { atOneKb: 1, perFurtherKb: 9 / 99 };
const WRITE = { atOneKb: 5, perFurtherKb: 45 / 99 };

function units({ atOneKb, perFurtherKb }: typeof READ, bytes: number): number {
  return atOneKb + Math.max(0, bytes / KB - 1) * perFurtherKb;
}

/** The document's own members: id, rid, self, etag and time, about 300 bytes, and the keys, which it holds twice. */
const DOCUMENT_BYTES = 300;

/** What a row takes once Cosmos DB for Table holds it. */
export const cosmosCapacity: CapacityRules = {
  partitionBytesMax: COSMOS_PARTITION_BYTES_MAX,
  rowBytes: ({ partitionKey, rowKey, body }: Row) =>
    DOCUMENT_BYTES + body.length + Buffer.byteLength(partitionKey, "utf8") + Buffer.byteLength(rowKey, "utf8"),
  writeUnits: (bytes) => units(WRITE, bytes),
  readUnits: (bytes) => units(READ, bytes),
};
