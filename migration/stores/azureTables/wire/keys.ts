import { OperationalError } from "../../../engine/errors";
import { describeKey, type RowKey } from "../../../engine/row";

/** A string in OData: quotes doubled. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Percent-encodes as UTF-8. A lone surrogate has no UTF-8, so no URL can name such a key. */
function encode(text: string, key: RowKey): string {
  if (/\p{Surrogate}/u.test(text)) {
    throw new OperationalError({
      code: "KeyInvalid",
      message: `Row ${describeKey(key)}: the key holds half of a surrogate pair, which no URL can carry. ` +
        "Rewrite the row under a valid key.",
    });
  }
  return encodeURIComponent(text);
}

/** `(PartitionKey='...',RowKey='...')`, ready for a URL's path. */
export function keySegment(key: RowKey): string {
  const partition = encode(key.partitionKey.replaceAll("'", "''"), key);
  const row = encode(key.rowKey.replaceAll("'", "''"), key);
  return `(PartitionKey='${partition}',RowKey='${row}')`;
}

/** A query string's value. */
export function queryValue(text: string): string {
  // A lone surrogate has no UTF-8; no stored key that a URL can name holds one.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** `(PartitionKey='',RowKey='')` */
const KEY_FRAME_BYTES = 26;

const APOSTROPHE = 0x27;

/** Bytes that `keySegment` makes of a key, at most, without making it. */
export function keyBytesMax(key: RowKey): number {
  return KEY_FRAME_BYTES + encodedBytesMax(key.partitionKey) + encodedBytesMax(key.rowKey);
}

function encodedBytesMax(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if ((unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)) bytes += 1;
    else if (unit === APOSTROPHE) bytes += 2;
    else bytes += unit < 0x80 ? 3 : unit < 0x800 ? 6 : 9;
  }
  return bytes;
}
