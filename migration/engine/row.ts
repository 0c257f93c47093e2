/** The key of an entity. Both parts may be empty; case matters; order is ordinal over UTF-16 code units. */
export interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * A 128-bit digest, 0 <= digest < 2^128. It covers key, property names, types and *canonical values*
 * (IEEE bits, 100 ns ticks, ...), never lexemes, so equal values digest equally however a service spells them.
 */
export type Digest = bigint;

/** Digests of rows add up to that of a range or table: order does not matter, and ranges can be summed apart. */
export const DIGEST_MODULUS = 1n << 128n;

/** An entity as it crosses the boundary between a store and the engine. The engine never looks inside `body`. */
export interface Row extends RowKey {
  /**
   * The entity as a destination is given it: JSON bytes, without etag and Timestamp. Empty after a keys-only read.
   * May share memory with the other rows of its page: what is kept for long should be copied, key by key.
   */
  readonly body: Uint8Array;
  /** 0n after a keys-only read. */
  readonly digest: Digest;
  /** The server's time of the last change, as the server spelt it (ISO 8601, UTC, up to 7 fractional digits). */
  readonly modified: string;
  /** The ETag. */
  readonly version: string;
}

function ordinal(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders keys as Table Storage does: ordinal by partition key, then by row key (`<` on UTF-16 units is ordinal). */
export function compareKeys(a: RowKey, b: RowKey): number {
  return ordinal(a.partitionKey, b.partitionKey) || ordinal(a.rowKey, b.rowKey);
}

/** Keys for people: quoted, control characters escaped, long parts shortened. */
export function describeKey(key: RowKey): string {
  const part = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  return `(${part(key.partitionKey)}, ${part(key.rowKey)})`;
}
