import { OperationalError } from "./errors";
import { Gate } from "./gate";
import type { Lease } from "./journal";
import { withRetry } from "./retry";
import type { Run } from "./run";
import { stopped } from "./stop";

/** How often a run looks whether somebody asked it to stop. */
const STOP_POLL_INTERVAL_MS = 1_000;

/**
 * The leases of a run: taken before anything is written, one per destination table, always in the same order so that
 * two runs never wait for each other; renewed while the run lasts; given up at its end.
 */
export class Leases {
  private readonly held: Lease[] = [];
  private readonly ended = new AbortController();
  private keeping: Promise<void> = Promise.resolve();

  /** `end` is aborted when a lease is lost or a stop is asked for. */
  constructor(
    private readonly run: Run,
    private readonly end: AbortController,
  ) {}

  async acquire(destinationTables: readonly string[]): Promise<void> {
    const { journal, clock, runId, owner } = this.run.context;
    const holder = { runId, owner, since: new Date(clock.now()).toISOString() };
    for (const table of [...destinationTables].sort()) {
      this.held.push(await withRetry(this.run.writing, () => journal.acquireLease(table, holder, this.run.signal)));
    }
    this.keeping = this.keep();
  }

  async release(): Promise<void> {
    this.ended.abort();
    await this.keeping;
    const { clock, random, destination } = this.run.context;
    // The run's own signal may have ended it, and with it its gate, which may be holding everybody back: leases are
    // given up all the same, or the next run waits for nothing.
    const { signal } = new AbortController();
    const retrying = { clock, random, signal, gate: new Gate(RELEASES_AT_ONCE_MAX, clock, signal, destination.name) };
    const results = await Promise.allSettled(
      this.held.map((lease) => withRetry(retrying, () => lease.release(), RELEASE_RETRY)),
    );
    const failed = results.find((one) => one.status === "rejected");
    // A lease that could not be given up runs out by itself within its term.
    if (failed && !(failed.reason instanceof OperationalError)) throw failed.reason;
  }

  private async keep(): Promise<void> {
    const { clock, journal } = this.run.context;
    const termMs = journal.leaseTermMs;
    let renewedAtMs = clock.now();
    while (!this.ended.signal.aborted) {
      await clock.sleep(Math.min(STOP_POLL_INTERVAL_MS, termMs / 4), this.ended.signal).catch(() => undefined);
      if (this.ended.signal.aborted) return;
      try {
        const renewing = clock.now() - renewedAtMs >= termMs / 3;
        if (renewing) {
          await Promise.all(this.held.map((lease) => lease.renew()));
          renewedAtMs = clock.now();
        }
        if (await this.run.context.journal.stopRequested(this.run.context.runId)) this.end.abort(stopped());
      } catch (error) {
        if (!(error instanceof OperationalError)) return this.end.abort(error);
        // One failed renewal is no loss: there are two more before the term is over. After that it is.
        if (error.retryable && clock.now() - renewedAtMs < termMs) continue;
        return this.end.abort(error);
      }
    }
  }
}

const RELEASES_AT_ONCE_MAX = 4;

const RELEASE_RETRY = { attemptsMax: 4, baseMs: 100, delayMsMax: 1_000 };
