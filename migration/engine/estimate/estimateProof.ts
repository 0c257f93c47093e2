import type { ProofLevel } from "../settings";
import type { Estimate } from "./estimate";
import {
  addParts, type MoveFacts, type MovingTable, NO_PARTS, PAGE_UNITS_PER_KB, sideOf, type SideParts, storedBytes,
  tableEstimate, verifyLook,
} from "./estimateMove";
import { estimateSeconds } from "./estimateTime";
import { withWrites } from "./expectedWrites";
import { exactly, NOTHING, plus, type Span, span, times, whole } from "./span";

/** A verification that follows a copy, as a run of its own. */
export interface Proof {
  readonly level: Exclude<ProofLevel, "none">;
  /** Rows of a `sample` verification, per table. */
  readonly sampleRows: number;
}

type ProofFacts = Pick<MoveFacts, "tables" | "concurrency" | "plan" | "billing" | "roundTripMs">;

/** Rows that differ at first sight are read one by one; of a sample each is. */
function reads({ level, sampleRows }: Proof): Span {
  return span(0, level === "sample" ? sampleRows + 10 : 10);
}

/** One side's rows: of both the same, since the copy made them equal. */
function look({ sample }: MovingTable, proof: Proof): SideParts {
  const { queries, bytes } = verifyLook(sample, proof.level);
  const quiet = span(0, 4);
  const answered = times(reads(proof), 0, perRow(bytes, sample.spans.rows));
  return { ...NO_PARTS, query: plus(queries, quiet), read: reads(proof), bytes: plus(bytes, answered) };
}

function perRow(bytes: Span, rows: Span): number {
  return bytes.high === undefined || rows.low === 0 ? 0 : bytes.high / rows.low;
}

/** Reading back what is kept, charged by the page at best and by the row at worst. */
function requestUnits({ sample: { spans } }: MovingTable, proof: Proof): Span {
  const least = proof.level === "full" ? (PAGE_UNITS_PER_KB * spans.storedBytes.low) / 1_024 : 0;
  return plus(exactly(least), times(spans.readUnits, 0, 1.5), times(reads(proof), 0, 10), span(1, 100));
}

/** What a verification of these tables takes once they are copied: both sides are read, and nothing is written. */
export function estimateProof(facts: ProofFacts, proof: Proof): Estimate {
  const { tables, concurrency, plan, billing, roundTripMs } = facts;
  const sums = (of: (table: MovingTable) => Span) => whole(plus(...tables.map(of)));
  const units = billing.destination === "throughput" ? sums((table) => requestUnits(table, proof)) : undefined;
  // Each side is asked once whether it is there, and the destination for every table.
  const source = tables.map((table) => look(table, proof))
    .reduce(addParts, { ...NO_PARTS, query: exactly(1), table: span(0, 2) });
  const destination = addParts(source, { ...NO_PARTS, query: exactly(tables.length), table: NOTHING });
  const samples = tables.map(({ sample }) => withWrites(sample, { rows: NOTHING }));
  const timing = { plan, samples, looks: 1, concurrency, roundTripMs, requestUnits: units, writesLess: true };
  const { seconds, basis } = estimateSeconds(timing);
  return {
    tables: tables.map(({ sample }) => tableEstimate({ sample, destination: "fresh" })),
    source: sideOf(source, undefined, billing.source),
    destination: sideOf(destination, undefined, billing.destination, units),
    storedBytes: sums((table) => storedBytes(table.sample, billing.destination)),
    seconds,
    secondsBasis: basis,
    plan,
  };
}
