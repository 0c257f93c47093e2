import { hash } from "node:crypto";

import type { Row, RowKey } from "./row";

/**
 * Receipts and intents as journals had them before hashes became cheap: the same 17 bytes, but with SHA-256 cut to
 * eight bytes. They are read, never written: the first pass over a segment replaces them.
 */
export const OLD_VERSION_TAG = 1;
export const OLD_CONTENT_TAG = 2;

const WHAT_OFFSET = 9;

function hash64(text: string): Buffer {
  return hash("sha256", text, "buffer").subarray(0, 8);
}

/** The entries of one segment by the hash of their keys. */
export class OldReceipts {
  private readonly entries = new Map<string, Uint8Array[]>();

  add(entry: Uint8Array): void {
    const name = Buffer.from(entry.subarray(1, WHAT_OFFSET)).toString("latin1");
    const known = this.entries.get(name);
    if (known) known.push(entry);
    else this.entries.set(name, [entry]);
  }

  of({ partitionKey, rowKey }: RowKey): readonly Uint8Array[] {
    return this.entries.get(hash64(JSON.stringify([partitionKey, rowKey])).toString("latin1")) ?? [];
  }
}

/** The entry says that the row was left, or was about to be left, as it is. */
export function oldEntryHolds(entry: Uint8Array, row: Pick<Row, "version" | "digest">): boolean {
  const what = entry[0] === OLD_VERSION_TAG ? row.version : row.digest.toString(16);
  return hash64(what).equals(entry.subarray(WHAT_OFFSET));
}
