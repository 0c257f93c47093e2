import { stamp } from "./dateTime";
import type { StoredEntity } from "./entity";
import { readEntity, writeMember } from "./entity";
import { quote } from "./json";
import type { EdmValue } from "./values";

/** Bytes in somebody's buffer. */
export interface Bytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** All of somebody's bytes. */
export function allOf(bytes: Uint8Array): Bytes {
  return { buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), start: 0, end: bytes.byteLength };
}

/** Some of the members of a JSON object, by where they stand in somebody's buffer: starts and ends in turn. */
export interface Members {
  readonly buffer: Buffer;
  readonly runs: readonly number[];
}

/** Rows share buffers: a million small ones would cost more than what they hold. */
const SLAB_BYTES = 1024 * 1024;
let slab = Buffer.alloc(0);
let slabEnd = 0;

function reserve(bytes: number): void {
  if (slabEnd + bytes <= slab.length) return;
  slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
  slabEnd = 0;
}

/** A key as JSON; most need no escaping. */
function quoteKey(key: string): string {
  for (let n = 0; n < key.length; n += 1) {
    const unit = key.charCodeAt(n);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return quote(key);
  }
  return `"${key}"`;
}

const COMMA = 0x2c;
const CLOSE = 0x7d;

/**
 * A row as the service keeps it: the very bytes that a page with minimal metadata holds. Its properties are read from
 * them when somebody asks, which on the way of a copy nobody does.
 */
export class StoredRow implements StoredEntity {
  private readonly slab: Buffer;
  private readonly start: number;
  private readonly end: number;

  /** `members`: the properties as the service spells them. */
  constructor(readonly partitionKey: string, readonly rowKey: string, readonly ticks: bigint, members: Members) {
    const { etag, text } = stamp(ticks);
    const keys = `"PartitionKey":${quoteKey(partitionKey)},"RowKey":${quoteKey(rowKey)}`;
    const head = `{"odata.etag":"W/\\"datetime'${etag}'\\"",${keys},"Timestamp":"${text}"`;
    const { buffer, runs } = members;
    // A UTF-16 unit takes three bytes at most.
    let bytes = head.length * 3 + 1;
    for (let n = 0; n < runs.length; n += 2) bytes += 1 + (runs[n + 1] as number) - (runs[n] as number);
    reserve(bytes);
    this.slab = slab;
    this.start = slabEnd;
    slabEnd += slab.write(head, slabEnd);
    for (let n = 0; n < runs.length; n += 2) {
      slab[slabEnd++] = COMMA;
      slabEnd += buffer.copy(slab, slabEnd, runs[n], runs[n + 1]);
    }
    slab[slabEnd++] = CLOSE;
    this.end = slabEnd;
  }

  static of({ partitionKey, rowKey, ticks, properties }: StoredEntity): StoredRow {
    const buffer = Buffer.from([...properties].map(([name, value]) => writeMember(name, value)).join(","), "utf8");
    return new StoredRow(partitionKey, rowKey, ticks, { buffer, runs: buffer.length === 0 ? [] : [0, buffer.length] });
  }

  get properties(): ReadonlyMap<string, EdmValue> {
    return readEntity(this.slab.toString("utf8", this.start, this.end)).properties;
  }

  get bytes(): number {
    return this.end - this.start;
  }

  /** Copies the row to a place in a buffer; returns the place after it. */
  copyTo(target: Buffer, at: number): number {
    return at + this.slab.copy(target, at, this.start, this.end);
  }

  /** The row as a page holds it. */
  wire(): Buffer {
    return this.slab.subarray(this.start, this.end);
  }
}
