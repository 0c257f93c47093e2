import { operational } from "./eachTable";
import { OperationalError } from "./errors";
import { mappingOf, migrationOf } from "./copyTable";
import type { MovePlan } from "./estimate/estimate";
import { estimateMove, type MovingTable } from "./estimate/estimateMove";
import { estimateProof, type Proof } from "./estimate/estimateProof";
import { type Counted, expectedOf } from "./estimate/expectedWrites";
import { scaledTo, type TableSample } from "./estimate/tableSample";
import type { RunContext } from "./context";
import type { PreflightFinding, PreflightOutcome } from "./outcome";
import { checkRows, type PreflightDepth, ROWS_CHECKED_MAX } from "./preflightRows";
import { probeRights } from "./probeRights";
import { withRetry } from "./retry";
import { newRun, type Run } from "./run";
import type { RunSettings, TableSettings } from "./settings";
import { NO_USAGE } from "./usage";

/** SharedKey requests are refused beyond 15 minutes (Microsoft: "Authorize with Shared Key"); a SAS starts early. */
const SKEW_ERROR_MS = 15 * 60_000;
const SKEW_WARNING_MS = 60_000;

/** Microsoft: "Understanding the Table service data model", Table names. */
const TABLE_NAME = /^[A-Za-z][A-Za-z0-9]{2,62}$/;

/** Looks at everything a copy needs, before anything is written. Findings of severity `error` make it not ok. */
export async function preflight(
  context: RunContext,
  settings: RunSettings,
  depth: Partial<Depth> = {},
): Promise<PreflightOutcome> {
  const { rowsMax = ROWS_CHECKED_MAX, estimate: plan } = depth;
  const run = newRun(context, settings, context.signal);
  run.meter.begin("preflight", undefined);
  const findings: PreflightFinding[] = [];
  if (context.source.identity.toLowerCase() === context.destination.identity.toLowerCase()) {
    findings.push({
      severity: "error",
      code: "SameAccount",
      side: "both",
      message: `Source and destination are the same account, ${context.source.identity}. Name two different accounts.`,
    });
    return { ok: false, findings, tablesToCreate: [], clockSkewMs: { source: undefined, destination: undefined } };
  }
  const source = await checkSide(run, "source", false);
  const destination = await checkSide(run, "destination", plan !== undefined);
  findings.push(...source.findings, ...destination.findings);
  const tablesToCreate: string[] = [];
  const looked: LookedAt[] = [];
  for (const table of settings.tables) {
    const looking = { rowsMax, estimate: plan !== undefined };
    const checked = source.reachable ? await checkRows(run, table, looking) : undefined;
    findings.push(...(checked?.findings ?? []));
    if (destination.reachable) findings.push(...(await checkDestination(run, table, tablesToCreate)));
    const isNew = !destination.reachable || tablesToCreate.includes(table.destinationTable);
    const known = plan === undefined || isNew ? undefined : await rowsKnown(run, table);
    if (checked?.sample) looked.push({ sample: checked.sample, isNew, known });
  }
  const ok = findings.every(({ severity }) => severity !== "error");
  const clockSkewMs = { source: source.skewMs, destination: destination.skewMs };
  const outcome = { ok, findings, tablesToCreate, clockSkewMs };
  // What could not be looked at would be missing from the sums.
  if (plan === undefined || looked.length < settings.tables.length || !destination.reachable) return outcome;
  const counted = await plan.counted;
  const moving = looked.map(({ sample: seen, isNew, known }): MovingTable => {
    const sample = known === undefined ? seen : scaledTo(seen, known);
    return { sample, destination: isNew ? "fresh" : expectedOf(sample, known, counted) };
  });
  return { ...outcome, ...estimated(run, moving, destination.roundTripMs, plan) };
}

/** A table of the source, and what is known of its other side. `known`: source rows of the last complete pass. */
interface LookedAt {
  readonly sample: TableSample;
  readonly isNew: boolean;
  readonly known: number | undefined;
}

function estimated(
  run: Run,
  tables: readonly MovingTable[],
  roundTripMs: number,
  { plan, begins, proof }: Reckoning,
): Pick<PreflightOutcome, "estimate" | "proof"> {
  const { source, destination } = run.context;
  const { level, sampleRows, concurrency } = run.settings;
  const billing = { source: source.billing, destination: destination.billing };
  const used = { source: source.usage?.() ?? NO_USAGE, destination: destination.usage?.() ?? NO_USAGE };
  const facts = { tables, level, sampleRows, concurrency, billing, roundTripMs, plan };
  const estimate = estimateMove({ ...facts, ...(begins && { spent: used }) });
  return { estimate, ...(proof && { proof: estimateProof(facts, proof) }) };
}

/** By the journal, and under the same mapping; undefined where there was no such pass. */
async function rowsKnown(run: Run, settings: TableSettings): Promise<number | undefined> {
  const migration = migrationOf({ run, settings });
  const record = await operational(() => withRetry(run.writing, () => run.context.journal.readTable(migration)));
  // What cannot be read now is said by the run that needs it; an estimate gets along without.
  if (record === undefined || record instanceof OperationalError) return undefined;
  return record.complete && record.mapping === mappingOf(settings) ? record.rows : undefined;
}

/** What is reckoned, and with what. */
export interface Reckoning {
  readonly plan: MovePlan;
  /** The copy follows at once, and what was asked so far is part of it. */
  readonly begins: boolean;
  /** A dry run that is under way; it is waited for. */
  readonly counted?: Promise<Counted> | undefined;
  /** A verification that follows as a run of its own, and is reckoned beside the copy. */
  readonly proof?: Proof | undefined;
}

/** How far to look, and what to reckon with. */
export interface Depth extends Pick<PreflightDepth, "rowsMax"> {
  /** Absent: nothing is reckoned. */
  readonly estimate?: Reckoning;
}

interface SideFacts {
  readonly reachable: boolean;
  /** One small request, over a connection that is open; 0 where nobody wants to know. */
  readonly roundTripMs: number;
  /** Absent where no answer told the time. */
  readonly skewMs: number | undefined;
  readonly findings: readonly PreflightFinding[];
}

/**
 * Reachability, and the clock by one read of a table that is there: no other answer tells the time. `timed`: how long a
 * request takes is wanted, too.
 */
async function checkSide(run: Run, side: "source" | "destination", timed: boolean): Promise<SideFacts> {
  const { clock, [side]: store } = run.context;
  const retrying = side === "source" ? run.reading : run.writing;
  const name = run.settings.tables.map((one) => (side === "source" ? one.table : one.destinationTable))[0];
  if (name === undefined) return { reachable: true, roundTripMs: 0, skewMs: undefined, findings: [] };
  const exists = () => withRetry(retrying, () => store.tableExists(name), PROBE_RETRY);
  let askedAtMs = clock.now();
  const answer = await operational(async () => {
    const isThere = await exists();
    // The first answer waits for TLS and a sign-in: how far away the account is, the next one tells.
    askedAtMs = clock.now();
    if (isThere) return withRetry(retrying, () => store.readPage(name, { rowsMax: 1, keysOnly: true }), PROBE_RETRY);
    if (timed) await exists();
    return undefined;
  });
  if (answer instanceof OperationalError) {
    const message = `${store.name} cannot be used as ${side}: ${answer.message}`;
    const finding = { severity: "error", code: answer.code, side, message } as const;
    return { reachable: false, roundTripMs: 0, skewMs: undefined, findings: [finding] };
  }
  const roundTripMs = clock.now() - askedAtMs;
  if (!answer) return { reachable: true, roundTripMs, skewMs: undefined, findings: [] };
  const skewMs = Math.abs(clock.now() - answer.serverTimeMs);
  return { reachable: true, roundTripMs, skewMs, findings: skewFindings(store.name, side, skewMs) };
}

/** An unreachable host is said soon: nothing is lost yet, and a person waits. */
const PROBE_RETRY = { attemptsMax: 3, baseMs: 200, delayMsMax: 1_000 };

function skewFindings(name: string, side: "source" | "destination", skewMs: number): PreflightFinding[] {
  if (skewMs < SKEW_WARNING_MS) return [];
  const seconds = Math.round(skewMs / 1_000);
  const severity = skewMs >= SKEW_ERROR_MS ? "error" : "warning";
  const message = `This machine's clock and that of ${name} are ${seconds} s apart. Set this machine's clock (NTP).`;
  return [{ severity, code: "ClockSkew", side, message }];
}

async function checkDestination(
  run: Run,
  { table, destinationTable }: TableSettings,
  tablesToCreate: string[],
): Promise<readonly PreflightFinding[]> {
  const at = { side: "destination", table: destinationTable } as const;
  if (!TABLE_NAME.test(destinationTable) || destinationTable.toLowerCase() === "tables") {
    const message =
      `${JSON.stringify(destinationTable)} is no legal table name: 3 to 63 letters and digits, a letter first, not ` +
      `"tables". Give ${table} another name in the destination (--rename-table ${table}=New).`;
    return [{ severity: "error", code: "InvalidTableName", ...at, message }];
  }
  const exists = await operational(() =>
    withRetry(run.writing, () => run.context.destination.tableExists(destinationTable)),
  );
  if (exists instanceof OperationalError) {
    return [{ severity: "error", code: exists.code, ...at, message: `Table ${destinationTable}: ${exists.message}` }];
  }
  // A dry run writes nothing, be it refused.
  if (exists) return run.settings.dryRun ? [] : probeRights(run, destinationTable);
  tablesToCreate.push(destinationTable);
  return [];
}
