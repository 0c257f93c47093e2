import type { ProofLevel } from "../settings";
import { NO_USAGE, REQUEST_KINDS, type Usage } from "../usage";
import type { Billing, Estimate, MovePlan, SideEstimate, TableEstimate } from "./estimate";
import { estimateSeconds } from "./estimateTime";
import { type Holding, isExpected, leastKept, withWrites } from "./expectedWrites";
import { exactly, NOTHING, plus, type Span, span, times, whole } from "./span";
import type { TableSample } from "./tableSample";

/** A table of the move, and what is known of its other side. */
export interface MovingTable {
  readonly sample: TableSample;
  readonly destination: Holding;
}

export interface MoveFacts {
  readonly tables: readonly MovingTable[];
  readonly level: ProofLevel;
  /** Rows of a `sample` verification, per table. */
  readonly sampleRows: number;
  readonly concurrency: number;
  readonly plan: MovePlan;
  readonly billing: { readonly source: Billing | undefined; readonly destination: Billing | undefined };
  readonly roundTripMs?: number | undefined;
  /** What the run asked so far; absent: the run is still to come, with a preflight of its own. */
  readonly spent?: { readonly source: Usage; readonly destination: Usage } | undefined;
}

/** Pages come short at times, and begin anew where a range is divided. A sample's hold fewer rows than they might. */
const PAGES_MORE = 1.3;
const PAGES_LESS = 0.9;

/** From so many pages on a table is divided, by asking where its keys branch. */
const PAGES_DIVIDED_MIN = 8;
const QUESTIONS = 25;

/** Of an answer without rows, and of a batch's answer for each row in it: Storage and Cosmos differ. */
const ANSWER_BYTES = [250, 900] as const;
const BATCH_ROW_BYTES = [200, 700] as const;
/** A key, its Timestamp and its ETag on a page of keys. */
const KEY_BYTES = 100;

const PAGE_ROWS = 1_000;

/** What the journal keeps of a row, as JSON holds it: one receipt, or up to three (receipts.ts). */
const RECEIPTS_ROW_BYTES = 70;
/** Ranges that a table is divided into, each of which reads the journal by itself; and some more. */
const RANGES_MAX = 10;

/** The least that a KB on a page of rows is charged, in request units. */
export const PAGE_UNITS_PER_KB = 0.03;

/** Questions that look for branches of a table of so many pages, in one look. */
function questions({ high }: Span): Span {
  if (high === undefined) return { low: 0 };
  return span(0, high < PAGES_DIVIDED_MIN ? 0 : QUESTIONS * (4 + 4 * Math.log2(high / PAGES_DIVIDED_MIN)));
}

/** What a look at all rows of a side is asked for: pages, and bytes in them. */
export interface Look {
  readonly queries: Span;
  readonly bytes: Span;
}

export function copyLook({ spans }: TableSample): Look {
  const pages = span(Math.max(1, PAGES_LESS * spans.pages.low), spans.pages.high);
  const queries = plus(times(pages, 1, PAGES_MORE), questions(spans.pages), span(0, 3));
  return { queries, bytes: times(spans.pageBytes, 0.9, 1.25) };
}

/** Below `full` only keys are read. */
export function verifyLook(sample: TableSample, level: ProofLevel): Look {
  if (level === "none") return { queries: NOTHING, bytes: NOTHING };
  const full = copyLook(sample);
  if (level === "full") return full;
  const { rows, pageBytes } = sample.spans;
  const low = Math.min(rows.low * KEY_BYTES, pageBytes.low);
  // Pages of keys hold as many rows as a page may, however large the rows.
  return { queries: { ...full.queries, low: Math.floor(rows.low / PAGE_ROWS) }, bytes: span(low, full.bytes.high) };
}

export interface SideParts {
  readonly query: Span;
  readonly read: Span;
  readonly write: Span;
  readonly batch: Span;
  readonly table: Span;
  readonly delete: Span;
  readonly bytes: Span;
}

export const NO_PARTS: SideParts = {
  query: NOTHING, read: NOTHING, write: NOTHING, batch: NOTHING, table: NOTHING, delete: NOTHING, bytes: NOTHING,
};

export function addParts(a: SideParts, b: SideParts): SideParts {
  const names = Object.keys(NO_PARTS) as (keyof SideParts)[];
  return Object.fromEntries(names.map((name) => [name, plus(a[name], b[name])])) as unknown as SideParts;
}

function sourceLooks({ sample }: MovingTable, facts: MoveFacts): SideParts {
  const [copy, verify] = [copyLook(sample), verifyLook(sample, facts.level)];
  const read = span(0, facts.level === "sample" ? facts.sampleRows : 10);
  const query = plus(copy.queries, verify.queries, span(1, 3));
  return { ...NO_PARTS, query, read, table: span(0, 1), bytes: plus(copy.bytes, verify.bytes) };
}

/** What is there already is taken to be no more than what the source has. */
function lookBack({ sample, destination }: MovingTable): Look {
  if (destination === "fresh") return { queries: NOTHING, bytes: NOTHING };
  const { queries, bytes } = copyLook(sample);
  const least = isExpected(destination) ? leastKept(sample.spans, destination) : 0;
  const { rows, segments } = sample.spans;
  // With it come receipts, a few dozen segments at a time.
  const records = plus(times(segments, 0, 1 / 5), span(0, 2 * RANGES_MAX));
  return {
    queries: plus(times(queries, least, 1), records),
    bytes: plus(times(bytes, least, 1), times(rows, 0, RECEIPTS_ROW_BYTES)),
  };
}

/** The sample, with what of it is to be written. */
function written({ sample, destination }: MovingTable): TableSample {
  return isExpected(destination) ? withWrites(sample, destination) : sample;
}

function destinationLooks(table: MovingTable, facts: MoveFacts): SideParts {
  const { spans } = written(table);
  const { sample, destination } = table;
  const least = destination === "some" ? 0 : 1;
  const verify = verifyLook(sample, facts.level);
  const copy = lookBack(table);
  const deletes = isExpected(destination) ? destination.deletes : 0;
  const requests = (sure: Span, one: Span) => span(least * sure.low, times(one, 1.15).high);
  const inBatches = Math.max(0, spans.rowsWritten.low - (spans.singles.high ?? spans.rowsWritten.low));
  const [answerLow, answerHigh] = BATCH_ROW_BYTES;
  const answered = times(span(inBatches, spans.rowsWritten.high), least * answerLow, answerHigh);
  const journal = plus(times(spans.segments, 0, 1.2), span(0, 8));
  return {
    query: plus(copy.queries, verify.queries, span(2, 10)),
    read: span(1, facts.level === "sample" ? facts.sampleRows + 10 : 10),
    write: plus(requests(spans.singlesLeast, spans.singles), times(spans.segments, 0.5 * least, 1.2), span(2, 16)),
    batch: plus(requests(spans.batchesLeast, spans.batches), journal, span(0, deletes)),
    table: span(0, 2),
    delete: span(0, deletes),
    bytes: plus(copy.bytes, verify.bytes, answered, span(0, deletes * answerHigh)),
  };
}

/** What a run of its own asks before it copies. */
function prelude(writes: Span, bytes: Span): SideParts {
  return { ...NO_PARTS, query: span(2, 8), write: writes, bytes };
}

/** The requests to one side, and what was asked of it already. */
export function sideOf(
  parts: SideParts,
  spent: Usage | undefined,
  billing: Billing | undefined,
  units?: Span,
): SideEstimate {
  const { bytes, ...counted } = parts;
  const answers = REQUEST_KINDS.map((kind) => times(counted[kind], ...ANSWER_BYTES));
  const { requests, bytesReceived } = spent ?? NO_USAGE;
  const total = REQUEST_KINDS.map((kind) => [kind, whole(plus(counted[kind], exactly(requests[kind])))]);
  return {
    ...(billing && { billing }),
    requests: Object.fromEntries(total) as SideEstimate["requests"],
    bytesReceived: whole(plus(bytes, ...answers, exactly(bytesReceived))),
    ...(units && { requestUnits: whole(units) }),
  };
}

/**
 * What a destination that sells throughput may charge: rows by the rules' straight line (more properties and replaces
 * cost more), the journal's receipts beside them, and reading back, which is charged by the page at best and by the row
 * at worst.
 */
function requestUnits(table: MovingTable, { level }: MoveFacts): Span {
  const { destination } = table;
  const { spans } = written(table);
  const writes = times(spans.writeUnits, destination === "some" ? 0 : 0.8, 2);
  const journal = times(spans.segments, destination === "fresh" ? 5 : 0, 400);
  const looks = (level === "none" ? 0 : 1) + (destination === "fresh" ? 0 : 1);
  const leastRead = level === "full" ? (PAGE_UNITS_PER_KB * spans.storedBytes.low) / 1_024 : 0;
  const reads = plus(exactly(leastRead), times(spans.readUnits, 0, 1.5 * looks));
  // The journal is read back, too.
  const records = destination === "fresh" ? NOTHING : times(table.sample.spans.segments, 0, 100);
  return plus(writes, journal, reads, records, span(10, 300));
}

/** A row of Storage, from its JSON: texts and names take two bytes a character. One of Cosmos has an index, too. */
export function storedBytes({ spans }: TableSample, billing: Billing | undefined): Span {
  return billing === "throughput" ? times(spans.storedBytes, 1, 1.6) : times(spans.bytes, 0.5, 2.2);
}

/** What the source is asked: one row's page per table by a run's own preflight, and every look at its rows. */
function sourceParts(facts: MoveFacts): SideParts {
  const looks = facts.tables.map((table) => sourceLooks(table, facts)).reduce(addParts, NO_PARTS);
  if (facts.spent) return looks;
  const firstPages = facts.tables.map(({ sample: { spans } }) =>
    times(spans.pageBytes, 0.5 * Math.min(1, PAGE_ROWS / Math.max(1, spans.rows.low)), 1));
  return addParts(looks, prelude(NOTHING, plus(...firstPages)));
}

/** Beside the rows: leases, which are renewed, and a look each second whether somebody asks it to stop. */
function destinationParts(facts: MoveFacts, seconds: Span): SideParts {
  const count = facts.tables.length;
  const kept: SideParts = {
    ...NO_PARTS,
    query: times(seconds, 0, 1.1),
    // Where nothing changes, the position is noted every five seconds.
    write: times(seconds, 0, facts.tables.every(({ destination }) => destination === "fresh") ? 0.11 * count
      : 0.31 * count),
    table: span(1, 3),
    delete: span(count, 2 * count + 2),
  };
  const rows = facts.tables.map((table) => destinationLooks(table, facts)).reduce(addParts, kept);
  return facts.spent ? rows : addParts(rows, prelude(span(0, 6), NOTHING));
}

export function tableEstimate({ sample, destination }: MovingTable): TableEstimate {
  const { table, spans, exact, rowsRead } = sample;
  const size = { table, entities: whole(spans.rows), bytes: whole(spans.bytes), exact, rowsRead };
  if (!isExpected(destination)) return size;
  const { rows, basis } = destination;
  return { ...size, writes: { rows: whole(rows), basis: basis === "counted" ? "counted" : "assumed" } };
}

/** What a copy of these tables takes from its beginning to its end, verification included. */
export function estimateMove(facts: MoveFacts): Estimate {
  const { tables, level, billing, plan, spent, concurrency, roundTripMs } = facts;
  const all = (of: (table: MovingTable) => Span) => whole(plus(...tables.map(of)));
  const units = billing.destination === "throughput" ? all((table) => requestUnits(table, facts)) : undefined;
  const looks = level === "none" ? 1 : 2;
  const writesLess = tables.some(({ destination }) => isExpected(destination));
  const timing = { plan, looks, concurrency, roundTripMs, requestUnits: units, writesLess };
  const { seconds, basis } = estimateSeconds({ ...timing, samples: tables.map(written) });
  return {
    tables: tables.map(tableEstimate),
    source: sideOf(sourceParts(facts), spent?.source, billing.source),
    destination: sideOf(destinationParts(facts, seconds), spent?.destination, billing.destination, units),
    storedBytes: all((table) => storedBytes(table.sample, billing.destination)),
    seconds,
    secondsBasis: basis,
    plan,
  };
}
