import { assert } from "../../engine/errors";
import { compareKeys, type RowKey } from "../../engine/row";
import type { Continuation, KeyRange, PageRequest } from "../../engine/store";
import { PAGE_ROWS_MAX } from "./limits";
import { literal, queryValue } from "./wire/keys";

/**
 * A range as key conditions that Storage answers without a scan: within a partition, between partitions, within a
 * partition. Never `or`, which would make the service read the whole table. They follow each other in key order.
 */
export function rangeParts(range: KeyRange | undefined): readonly string[] {
  const { after, upTo } = range ?? {};
  if (after === undefined && upTo === undefined) return [""];
  if (upTo === undefined) return after === undefined ? [""] : [rowsAfter(after), partitionsAfter(after)];
  if (after === undefined) return [`PartitionKey lt ${literal(upTo.partitionKey)}`, rowsUpTo(upTo)];
  if (compareKeys(after, upTo) >= 0) {
    // An empty range: asked all the same, since a page also tells the server's time.
    return [`${rowsUpTo(upTo)} and RowKey gt ${literal(upTo.rowKey)}`];
  }
  if (after.partitionKey === upTo.partitionKey) return [`${rowsAfter(after)} and RowKey le ${literal(upTo.rowKey)}`];
  const between = `${partitionsAfter(after)} and PartitionKey lt ${literal(upTo.partitionKey)}`;
  return [rowsAfter(after), between, rowsUpTo(upTo)];
}

function rowsAfter(key: RowKey): string {
  return `PartitionKey eq ${literal(key.partitionKey)} and RowKey gt ${literal(key.rowKey)}`;
}

function partitionsAfter(key: RowKey): string {
  return `PartitionKey gt ${literal(key.partitionKey)}`;
}

function rowsUpTo(key: RowKey): string {
  return `PartitionKey eq ${literal(key.partitionKey)} and RowKey le ${literal(key.rowKey)}`;
}

/** Which part of the range the next page is of. */
export function partIndex(request: PageRequest, parts: readonly string[]): number {
  const part = Number(request.continuation?.part ?? "0");
  assert(Number.isInteger(part) && part >= 0 && part < parts.length, "the continuation belongs to another request");
  return part;
}

/** The query string (without "?") that reads a page of one part. */
export function pageQuery(request: PageRequest, part: string): string {
  const rows = request.rowsMax ?? PAGE_ROWS_MAX;
  assert(Number.isInteger(rows) && rows >= 1 && rows <= PAGE_ROWS_MAX, `rowsMax ${rows} is not from 1 to 1000`);
  const conditions = [part, changedSince(request), request.filter ?? ""].filter((condition) => condition !== "");
  const filter = conditions.length > 1 ? conditions.map((condition) => `(${condition})`).join(" and ") : conditions[0];
  const query: string[] = [];
  if (filter !== undefined) query.push(`$filter=${queryValue(filter)}`);
  if (request.keysOnly === true) query.push("$select=PartitionKey,RowKey,Timestamp");
  if (rows < PAGE_ROWS_MAX) query.push(`$top=${rows}`);
  const { partitionKey, rowKey } = request.continuation ?? {};
  if (partitionKey !== undefined) query.push(`NextPartitionKey=${queryValue(partitionKey)}`);
  if (rowKey !== undefined) query.push(`NextRowKey=${queryValue(rowKey)}`);
  return query.join("&");
}

function changedSince(request: PageRequest): string {
  // `ge`: `gt` is reported to return rows at the watermark too, and to be understood differently by emulators.
  return request.changedSince === undefined ? "" : `Timestamp ge datetime${literal(request.changedSince)}`;
}

/** Where the page after this one begins: the service's continuation within a part, else the next part, else nowhere. */
export function nextPage(
  part: number, partsCount: number, partitionKey: string | undefined, rowKey: string | undefined,
): Continuation | undefined {
  if (partitionKey !== undefined || rowKey !== undefined) {
    return {
      part: String(part),
      ...(partitionKey === undefined ? {} : { partitionKey }),
      ...(rowKey === undefined ? {} : { rowKey }),
    };
  }
  return part + 1 < partsCount ? { part: String(part + 1) } : undefined;
}
