import { etagOf, formatTicks } from "./dateTime";
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

/** Rows share buffers: a million small ones would cost more than what they hold. */
const SLAB_BYTES = 1024 * 1024;
let slab = Buffer.alloc(0);
let slabEnd = 0;

function reserve(bytes: number): void {
  if (slabEnd + bytes <= slab.length) return;
  slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
  slabEnd = 0;
}

const CLOSE = 0x7d;

/**
 * A row as the service keeps it: the very bytes that a page with minimal metadata holds. Its properties are read from
 * them when somebody asks, which on the way of a copy nobody does.
 */
export class StoredRow implements StoredEntity {
  private readonly slab: Buffer;
  private readonly start: number;
  private readonly end: number;

  /** `members`: the properties as the service spells them, each with a comma before it. */
  constructor(readonly partitionKey: string, readonly rowKey: string, readonly ticks: bigint, members: Bytes) {
    const head =
      `{"odata.etag":"${etagOf(ticks).replaceAll('"', '\\"')}","PartitionKey":${quote(partitionKey)},` +
      `"RowKey":${quote(rowKey)},"Timestamp":"${formatTicks(ticks)}"`;
    // A UTF-16 unit takes three bytes at most.
    reserve(head.length * 3 + members.end - members.start + 1);
    this.slab = slab;
    this.start = slabEnd;
    slabEnd += slab.write(head, slabEnd);
    slabEnd += members.buffer.copy(slab, slabEnd, members.start, members.end);
    slab[slabEnd++] = CLOSE;
    this.end = slabEnd;
  }

  static of({ partitionKey, rowKey, ticks, properties }: StoredEntity): StoredRow {
    const members = [...properties].map(([name, value]) => `,${writeMember(name, value)}`).join("");
    const buffer = Buffer.from(members, "utf8");
    return new StoredRow(partitionKey, rowKey, ticks, { buffer, start: 0, end: buffer.length });
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
