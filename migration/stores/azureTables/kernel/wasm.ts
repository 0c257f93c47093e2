import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../../engine/row";
import { DIGEST_VERSION } from "../digest";
import type { RowParts } from "../entity";
import type { Kernel } from "./kernel";
import { decodeText } from "../wire/memberTable";
import { JavaScriptKernel } from "./javaScript";

/** Built by `npm run kernel` (which `npm ci` runs) from ./assembly. */
export const KERNEL_FILE = join(__dirname, "kernel.wasm");

/** What ./assembly/index.ts exports. Places are bytes of its memory, but for `read`'s, which is one of the page. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly FREE: WebAssembly.Global;
  readonly DIGEST_VERSION: WebAssembly.Global;
  begin(page: number, records: number, recordsMax: number, scratch: number): void;
  place(bodies: number, bodiesEnd: number, texts: number, textsEnd: number): void;
  read(at: number): number;
}

/** Largest page that is copied into the kernel's memory, which never shrinks. Storage's own end near 4 MiB. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Entities read at a time; a page of Storage has no more. */
const RECORDS_MAX = 1024;

/** A record as ./assembly/index.ts writes it, in words of 32 bits. */
const RECORD_WORDS = 16;
const BODY_START = 0;
const BODY_END = 1;
const PARTITION_START = 2;
const PARTITION_END = 3;
const ROW_START = 4;
const ROW_END = 5;
const TIME_TEXT = 6;
const ETAG_TEXT = 7;
const ETAG_TEXT_END = 8;
const FLAGS = 10;
const ENTITY_END = 11;
/** In words of 64 bits. */
const DIGEST_HALF = 6;

const PARTITION_ESCAPED = 1;
const ROW_ESCAPED = 2;
const SAME_PARTITION = 4;
const ROW_ASCII = 8;

/** The kernel may look this far behind a text; there must be zeros behind the page. */
const SLACK_BYTES = 64;

/** Room for times and ETags, some 70 bytes an entity. Where it ends early, the next entities are read on their own. */
const TEXTS_BYTES = 256 * 1024;

/** Room that types added to bare Doubles take. */
const ADDED_BYTES = 64 * 1024;

const WASM_PAGE_BYTES = 65_536;

function aligned(at: number): number {
  return (at + 63) & ~63;
}

/** Where things are in the kernel's memory while it works on a page. */
interface Layout {
  readonly page: number;
  readonly records: number;
  readonly bodies: number;
  readonly texts: number;
  readonly scratch: number;
  readonly end: number;
}

function layoutOf(free: number, pageBytes: number): Layout {
  const page = aligned(free);
  const records = aligned(page + pageBytes + SLACK_BYTES);
  const bodies = records + RECORDS_MAX * RECORD_WORDS * 4;
  const texts = aligned(bodies + pageBytes + (pageBytes >>> 2) + ADDED_BYTES);
  const scratch = aligned(texts + TEXTS_BYTES);
  return { page, records, bodies, texts, scratch, end: scratch + pageBytes + SLACK_BYTES };
}

/**
 * The kernel in WebAssembly. It takes entities as services plainly spell them; before any other it stops, and the
 * JavaScript one reads that entity, or says what is wrong with it.
 */
class WasmKernel implements Kernel {
  readonly name = "wasm";
  private readonly exact = new JavaScriptKernel();
  private readonly exports: Exports;
  private bytes: Buffer = Buffer.alloc(0);
  private words = new Uint32Array(0);
  private halves = new BigUint64Array(0);
  private layout: Layout;
  private page: Buffer = Buffer.alloc(0);
  private usable = false;
  private partitionKey = "";

  constructor(module: WebAssembly.Module) {
    const parseDouble = (start: number, end: number) => Number(this.bytes.toString("latin1", start, end));
    this.exports = new WebAssembly.Instance(module, { host: { parseDouble } }).exports as Exports;
    this.layout = layoutOf(this.exports.FREE.value as number, 0);
  }

  /** False for one that was built from an earlier source: its digests would be compared with others. */
  get fits(): boolean {
    return this.exports.DIGEST_VERSION.value === DIGEST_VERSION;
  }

  open(page: Buffer, parts: RowParts): void {
    this.exact.open(page, parts);
    this.usable = !parts.keysOnly && page.length <= PAGE_BYTES_MAX;
    if (!this.usable) return;
    this.page = page;
    this.layout = layoutOf(this.exports.FREE.value as number, page.length);
    this.reserve(this.layout.end);
    const { page: start, records, scratch } = this.layout;
    this.bytes.set(page, start);
    this.bytes.fill(0, start + page.length, start + page.length + SLACK_BYTES);
    this.exports.begin(start, records, RECORDS_MAX, scratch);
  }

  entities(at: number, rows: Row[]): number {
    if (!this.usable) return this.exact.entities(at, rows);
    const { bodies, texts, scratch } = this.layout;
    this.exports.place(bodies, texts, texts, scratch);
    const count = this.exports.read(at);
    return count === 0 ? this.exact.entities(at, rows) : this.take(count, rows);
  }

  private reserve(bytes: number): void {
    const { memory } = this.exports;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    if (this.bytes.buffer === memory.buffer) return;
    this.bytes = Buffer.from(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.halves = new BigUint64Array(memory.buffer);
  }

  /** Makes rows of the records; returns where the last entity ends. */
  private take(count: number, rows: Row[]): number {
    const { words, halves, page, layout } = this;
    const first = layout.records >>> 2;
    const last = first + (count - 1) * RECORD_WORDS;
    const bodies = Buffer.allocUnsafeSlow((words[last + BODY_END] as number) - layout.bodies);
    this.bytes.copy(bodies, 0, layout.bodies, words[last + BODY_END]);
    const texts = this.bytes.toString("latin1", layout.texts, words[last + ETAG_TEXT_END]);
    for (let at = first; at <= last; at += RECORD_WORDS) {
      const flags = words[at + FLAGS] as number;
      const digest = (at >>> 1) + DIGEST_HALF;
      const etag = (words[at + ETAG_TEXT] as number) - layout.texts;
      if ((flags & SAME_PARTITION) === 0) this.takePartitionKey(at, flags);
      rows.push({
        partitionKey: this.partitionKey,
        rowKey: this.rowKey(page, at, flags),
        body: bodies.subarray(
          (words[at + BODY_START] as number) - layout.bodies, (words[at + BODY_END] as number) - layout.bodies,
        ),
        digest: ((halves[digest + 1] as bigint) << 64n) | (halves[digest] as bigint),
        modified: texts.slice((words[at + TIME_TEXT] as number) - layout.texts, etag),
        version: texts.slice(etag, (words[at + ETAG_TEXT_END] as number) - layout.texts),
      });
    }
    return words[last + ENTITY_END] as number;
  }

  private takePartitionKey(at: number, flags: number): void {
    const { words, layout } = this;
    const start = (words[at + PARTITION_START] as number) - layout.page;
    const end = (words[at + PARTITION_END] as number) - layout.page;
    this.partitionKey = decodeText(this.page, start, end, (flags & PARTITION_ESCAPED) !== 0);
  }

  private rowKey(page: Buffer, at: number, flags: number): string {
    const start = (this.words[at + ROW_START] as number) - this.layout.page;
    const end = (this.words[at + ROW_END] as number) - this.layout.page;
    if ((flags & ROW_ASCII) !== 0) return page.toString("latin1", start, end);
    return decodeText(page, start, end, (flags & ROW_ESCAPED) !== 0);
  }
}

/**
 * Undefined where it was not built, or long ago. It is compiled at once: it is small, and the first page waits for it.
 */
export function loadWasmKernel(file: string = KERNEL_FILE): Kernel | undefined {
  if (!existsSync(file)) return undefined;
  const kernel = new WasmKernel(new WebAssembly.Module(readFileSync(file)));
  return kernel.fits ? kernel : undefined;
}
