import { randomUUID } from "node:crypto";
import os from "node:os";

import { copyTables, preflight, syncTables, verifyTables } from "../engine";
import type { RunContext } from "../engine";
import { assert, OperationalError } from "../engine/errors";
import type { Journal, LeaseHolder } from "../engine/journal";
import type { PreflightOutcome, RunOutcome } from "../engine/outcome";
import type { RunSettings } from "../engine/settings";
import { QUIET_MINUTES, RECONCILE_EVERY_HOURS, type SyncSettings } from "../engine/sync/syncSettings";
import type { Signer } from "../report/evidence/jws";
import { reportFromOutcome } from "../report/fromOutcome";
import { ThroughputSeries } from "../report/throughput";
import { withDeclaredRights } from "./declaredRights";
import { DifferencesFile } from "./differencesFile";
import { exitCodeOf } from "./exitCode";
import { Accounting } from "./accounting";
import { checkFiles, writeReports } from "./files";
import { openStores } from "./openStores";
import type { OpenStores } from "./openStores";
import { realPorts } from "./ports";
import type { RunPorts } from "./ports";
import { askSoon, reachBoth } from "./reach";
import { CONCURRENCY_DEFAULT, type ExecuteRequest, type ExecuteResult } from "./request";
import { selectTables } from "./selectTables";
import { signReportFile } from "./signing/signReportFile";

const SAMPLE_ROWS_DEFAULT = 1_000;
/** Rows per table that a preflight by itself looks at; at 20,000 a second, the account's target, about a minute. */
const PREFLIGHT_ROWS_MAX = 1_000_000;
/** Rows per table that a copy reads in order before it samples the rest: it is to begin soon. */
const ESTIMATE_ROWS_MAX = 20_000;
const SEED_BOUND = 2 ** 31;

/** `ops@runner-7 (process 4711)`: who holds a lease, for people. */
export function describeOwner(): string {
  let user = "unknown";
  try {
    user = os.userInfo().username;
  } catch (error) {
    // A container may run under a user id without a name (ENOENT); anything else is ours to hear of.
    if (!(typeof error === "object" && error !== null && "code" in error)) throw error;
  }
  return `${user}@${os.hostname()} (process ${process.pid})`;
}

/** What went wrong before or after the engine's own reckoning. */
function failed(error: unknown, began: boolean): ExecuteResult {
  if (!(error instanceof OperationalError)) throw error;
  return { exitCode: began ? 3 : 2, error };
}

async function settingsOf(
  request: ExecuteRequest,
  stores: OpenStores,
  ports: RunPorts,
  signal: AbortSignal,
): Promise<RunSettings> {
  const { source } = stores;
  const all = request.selection.names === "all";
  const listed = all ? await askSoon(source, ports, signal, () => source.listTables()) : [];
  return {
    tables: selectTables(request.selection, request.deletes, listed),
    deletes: request.deletes,
    conflicts: request.conflicts,
    level: request.level ?? "full",
    sampleRows: request.sampleRows ?? SAMPLE_ROWS_DEFAULT,
    seed: request.seed ?? Math.floor(ports.random() * SEED_BOUND),
    concurrency: request.concurrency ?? CONCURRENCY_DEFAULT,
    dryRun: request.dryRun ?? false,
  };
}

function waitingText(holder: LeaseHolder, remainingMs: number): string {
  return `Waiting up to ${Math.ceil(remainingMs / 1_000)} s: ${holder.owner} works on this table since ` +
    `${holder.since}, or died doing so.`;
}

/** Turns findings into the one error that stands for them. */
function preflightError({ findings }: PreflightOutcome): OperationalError {
  const errors = findings.filter(({ severity }) => severity === "error");
  const first = errors[0];
  const more = errors.length > 1 ? ` And ${errors.length - 1} more: landbridge preflight lists them all.` : "";
  return new OperationalError({
    code: first?.code ?? "PreflightFailed",
    message: `${first?.message ?? "The preflight found an error."}${more}`,
  });
}

/** One run of the engine with everything it is given, and everything that was opened for it closed again. */
class Execution {
  private readonly series = new ThroughputSeries();
  private readonly end = new AbortController();
  private readonly signal: AbortSignal;
  private readonly runId: string;
  private journalCreated = false;

  constructor(
    private readonly request: ExecuteRequest,
    private readonly ports: RunPorts,
    private readonly stores: OpenStores,
    private readonly signer: Signer | undefined,
    private readonly accounting: Accounting,
  ) {
    const { signal, runId } = request;
    this.signal = signal === undefined ? this.end.signal : AbortSignal.any([signal, this.end.signal]);
    this.runId = runId ?? randomUUID();
  }

  /** Operational errors are data; it rejects only for defects. */
  async run(): Promise<ExecuteResult> {
    try {
      return await this.steps();
    } catch (error) {
      // The engine throws only while no table and no row was written; from then on failures are in the outcome. Then
      // the journal is all there can be. A lease that is held is another run's, and so is the journal it stands in.
      const held = error instanceof OperationalError && error.code === "LeaseHeld";
      return failed(error, this.journalCreated && !held);
    }
  }

  private async steps(): Promise<ExecuteResult> {
    const { request } = this;
    const settings = await settingsOf(request, this.stores, this.ports, this.signal);
    const checked = await this.check(settings);
    if (checked?.ok === false) return { exitCode: 2, preflight: checked, error: preflightError(checked) };
    try {
      // What the price file lacks is said now, before anything is written, and costs nobody what was found.
      const reckoned = this.accounting.told(checked?.estimate ?? request.told);
      if (request.command === "preflight" && checked) return { exitCode: 0, preflight: checked, ...reckoned };
    } catch (error) {
      return { ...failed(error, this.journalCreated), ...(checked && { preflight: checked }) };
    }
    const { outcome, failure } = await this.move(settings);
    const concluded = await this.conclude(outcome, settings);
    return { ...concluded, ...(checked && { preflight: checked }), ...(failure && { exitCode: 3, error: failure }) };
  }

  /** A copy is preceded by a preflight, which probes rights by writing; what only reads is spared that. */
  private async check(settings: RunSettings): Promise<PreflightOutcome | undefined> {
    const { command, sync } = this.request;
    // Nothing but the journal is written then, and nothing of the source is needed: it may be gone.
    if (sync?.phase === "done") return undefined;
    if (command === "verify" || (command === "copy" && settings.dryRun)) {
      await reachBoth(this.stores, settings, this.ports, this.signal);
      return undefined;
    }
    const alone = command === "preflight";
    const { plan, counted, proof } = this.request;
    // A preview waits for a preflight that is a dry run.
    const depth = {
      ...(alone && !settings.dryRun ? { rowsMax: PREFLIGHT_ROWS_MAX } : plan && { rowsMax: ESTIMATE_ROWS_MAX }),
      ...(plan && { estimate: { plan, begins: !alone, counted, proof } }),
    };
    const checked = await preflight(this.context(() => undefined), settings, depth);
    const { destinationCredential } = this.stores;
    return destinationCredential === undefined ? checked : withDeclaredRights(checked, destinationCredential);
  }

  /** `failure`: the list of differences could not be written whole. */
  private async move(
    settings: RunSettings,
  ): Promise<{ readonly outcome: RunOutcome; readonly failure?: OperationalError }> {
    const { differencesFile, showValues, command } = this.request;
    const file = differencesFile === undefined
      ? undefined
      : new DifferencesFile(differencesFile, showValues ?? false, (error) => this.end.abort(error));
    const context = this.context((difference) => file?.take(difference));
    try {
      const { sync } = this;
      const outcome = await (sync ? syncTables(context, settings, sync)
        : command === "copy" ? copyTables(context, settings) : verifyTables(context, settings));
      const failure = await (exitCodeOf(outcome) === 2 ? file?.leave() : file?.close());
      return { outcome, ...(failure && { failure }) };
    } finally {
      // Again, for the case that the engine threw: closing twice does nothing more.
      await file?.leave();
    }
  }

  /** What a live move is asked for; undefined for everything else. */
  private get sync(): SyncSettings | undefined {
    const { command, sync } = this.request;
    assert((command === "sync") === (sync !== undefined), "a live move, and nothing else, is asked for with a phase");
    return sync && {
      reconcile: false,
      reconcileEveryHours: RECONCILE_EVERY_HOURS,
      quietMinutes: QUIET_MINUTES,
      lateConflicts: "report",
      ...sync,
    };
  }

  /** The journal, which remembers whether opening it wrote something. */
  private journal(): Journal {
    const { request, ports, stores } = this;
    const journal = ports.openJournal(stores.destination, (holder, remainingMs) =>
      request.notice?.(waitingText(holder, remainingMs)));
    return {
      ...journal,
      open: async () => {
        const created = await journal.open();
        if (created) this.journalCreated = true;
        return created;
      },
    };
  }

  private context(difference: RunContext["difference"]): RunContext {
    const { request, ports, stores } = this;
    return {
      source: stores.source,
      destination: stores.destination,
      format: ports.formatOf(stores.destination),
      journal: this.journal(),
      clock: ports.clock,
      random: ports.random,
      runId: this.runId,
      owner: request.owner ?? describeOwner(),
      progress: (sample) => {
        this.series.add(sample);
        request.progress?.(sample);
      },
      difference,
      signal: this.signal,
    };
  }

  private async conclude(outcome: RunOutcome, settings: RunSettings): Promise<ExecuteResult> {
    const { request, ports, stores } = this;
    const report = reportFromOutcome(outcome, {
      command: request.command === "preflight" ? "verify" : request.command,
      ...(this.sync && { sync: this.sync }),
      digestVersion: ports.digestVersion,
      source: stores.source.name,
      destination: stores.destination.name,
      settings,
      throughput: this.series.points(),
      showValues: request.showValues ?? false,
      ...this.accounting.reckoned(stores),
    });
    const { signer } = this;
    const { reportFile } = request;
    let signatureFile: string | undefined;
    try {
      await writeReports(report, request);
      if (signer && reportFile !== undefined) signatureFile = await signReportFile(report, reportFile, signer);
    } catch (error) {
      return { ...failed(error, true), outcome, report };
    }
    const error = outcome.tables.find((table) => table.error !== undefined)?.error;
    const signed = signatureFile === undefined ? {} : { signatureFile };
    const known = { ...signed, sourceIdentity: stores.source.identity, ...this.accounting.warned };
    return { exitCode: exitCodeOf(outcome), outcome, report, ...known, ...(error && { error }) };
  }
}

/**
 * One run, from credentials to report files: what the command line and the resources' handlers share.
 * Operational errors are data in the result; it rejects only for defects.
 */
export async function execute(request: ExecuteRequest, ports: RunPorts = realPorts): Promise<ExecuteResult> {
  let stores: OpenStores;
  let signer: Signer | undefined;
  let accounting: Accounting;
  try {
    await checkFiles(request);
    accounting = await Accounting.open(request, ports.clock);
    // A preflight has no report to sign.
    if (request.signing && request.reportFile !== undefined) signer = await ports.openSigner(request.signing);
    stores = await openStores(request, ports);
  } catch (error) {
    return failed(error, false);
  }
  try {
    return await new Execution(request, ports, stores, signer, accounting).run();
  } finally {
    await stores.close();
  }
}
