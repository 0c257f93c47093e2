import { hash } from "node:crypto";

import { assert } from "./errors";
import type { Digest, RowKey } from "./row";

/**
 * A receipt says how a run left one destination row: a hash of its key and a hash of its version (ETag).
 * An intent says what a run was about to write: a hash of the key and of the content. It covers the moment between
 * a write and its receipt, so that a run that was killed there recognises its own rows.
 *
 * Packed: 17 bytes each (1 tag, 8 key, 8 version or content), so 1,000 rows fit well into one 64 KiB binary property.
 */
export const RECEIPT_BYTES = 17;
const VERSION_TAG = 1;
const CONTENT_TAG = 2;
const WHAT_OFFSET = 9;

function hash64(text: string): Buffer {
  return hash("sha256", text, "buffer").subarray(0, 8);
}

/** Length-prefixed, so that no two keys share a text. Lone surrogates are kept apart by escaping through JSON. */
function keyHash(key: RowKey): Buffer {
  return hash64(JSON.stringify([key.partitionKey, key.rowKey]));
}

function entry(tag: number, key: RowKey, what: string): Buffer {
  return Buffer.concat([Buffer.of(tag), keyHash(key), hash64(what)]);
}

function contentText(digest: Digest): string {
  return digest.toString(16);
}

/** The row is in the destination with this version. */
export function receiptOf(key: RowKey, version: string): Uint8Array {
  return entry(VERSION_TAG, key, version);
}

/** A row with this content is about to be written. */
export function intentOf(key: RowKey, digest: Digest): Uint8Array {
  return entry(CONTENT_TAG, key, contentText(digest));
}

/** asLeft: nobody touched the row since a run left it. changed: somebody did. unrecorded: no run left a row there. */
export type Standing = "asLeft" | "changed" | "unrecorded";

/** The receipts of one segment, to look rows up in. */
export class ReceiptBook {
  private readonly entries = new Map<string, Buffer[]>();

  constructor(packed: Uint8Array = new Uint8Array(0)) {
    const { length } = packed;
    assert(length % RECEIPT_BYTES === 0, `receipts of ${length} bytes are no multiple of ${RECEIPT_BYTES}`);
    for (let at = 0; at < packed.length; at += RECEIPT_BYTES) {
      const one = Buffer.from(packed.subarray(at, at + RECEIPT_BYTES));
      const name = one.toString("latin1", 1, WHAT_OFFSET);
      const known = this.entries.get(name);
      if (known) known.push(one);
      else this.entries.set(name, [one]);
    }
  }

  /** Entries kept for this key, to carry over beside an intent. */
  of(key: RowKey): readonly Uint8Array[] {
    return this.entries.size === 0 ? [] : (this.entries.get(keyHash(key).toString("latin1")) ?? []);
  }

  standing(row: RowKey & { readonly version: string; readonly digest: Digest }): Standing {
    const known = this.of(row);
    if (known.length === 0) return "unrecorded";
    const ours = known.some((one) => {
      const what = one[0] === VERSION_TAG ? row.version : contentText(row.digest);
      return hash64(what).equals(one.subarray(WHAT_OFFSET));
    });
    return ours ? "asLeft" : "changed";
  }
}

export function packReceipts(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries);
}
