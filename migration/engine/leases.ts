import { OperationalError } from "./errors";
import { Gate } from "./gate";
import type { Lease } from "./journal";
import { withRetry } from "./retry";
import type { Run } from "./run";
import { stopped } from "./stop";

/** How often a run looks whether somebody asked it to stop. */
const STOP_POLL_INTERVAL_MS = 1_000;

interface Held {
  readonly lease: Lease;
  /** When the last renewal that went through was asked for: the term counts from there at the latest. */
  renewedAtMs: number;
  renewing?: Promise<void> | undefined;
}

/**
 * The leases of a run: taken before anything is written, one per destination table, always in the same order so that
 * two runs never wait for each other; renewed while the run lasts; given up at its end.
 */
export class Leases {
  private readonly held: Held[] = [];
  private readonly ended = new AbortController();
  private readonly keeping: Promise<void>[] = [];

  /** `end` is aborted when a lease is lost or a stop is asked for. */
  constructor(
    private readonly run: Run,
    private readonly end: AbortController,
  ) {}

  async acquire(destinationTables: readonly string[]): Promise<void> {
    const { journal, clock, runId, owner } = this.run.context;
    const holder = { runId, owner, since: new Date(clock.now()).toISOString() };
    for (const table of [...destinationTables].sort()) {
      const acquire = () => journal.acquireLease(table, holder, this.run.signal);
      const lease = await withRetry(this.run.writing, acquire);
      const held: Held = { lease, renewedAtMs: lease.askedAtMs };
      this.held.push(held);
      // At once: to take the next one may mean to wait out another run's term.
      this.keeping.push(this.keep(held));
    }
    this.keeping.push(this.watchForStop());
    this.run.writing.gate.guard = () => this.holding();
  }

  /**
   * Before anything is sent to the destination. A machine that was suspended wakes in the middle of what it did, when
   * another run may have taken over long ago: a lease whose term may be over is renewed first, or the run ends.
   */
  private holding(): Promise<void> | undefined {
    const { clock, journal } = this.run.context;
    const nowMs = clock.now();
    const overdue = this.held.find(({ renewedAtMs }) => nowMs - renewedAtMs >= journal.leaseTermMs);
    if (overdue === undefined || this.ended.signal.aborted) return undefined;
    return this.renew(overdue).catch((error: unknown) => {
      this.end.abort(error);
      throw error;
    });
  }

  /** One renewal of a lease at a time: two would meet each other. */
  private renew(held: Held): Promise<void> {
    const askedAtMs = this.run.context.clock.now();
    held.renewing ??= held.lease.renew().then(() => void (held.renewedAtMs = askedAtMs)).finally(() => {
      held.renewing = undefined;
    });
    return held.renewing;
  }

  async release(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.keeping);
    const { clock, random, destination } = this.run.context;
    // The run's own signal may have ended it, and with it its gate, which may be holding everybody back: leases are
    // given up all the same, or the next run waits for nothing.
    const { signal } = new AbortController();
    const retrying = { clock, random, signal, gate: new Gate(RELEASES_AT_ONCE_MAX, clock, signal, destination.name) };
    const results = await Promise.allSettled(
      this.held.map(({ lease }) => withRetry(retrying, () => lease.release(), RELEASE_RETRY)),
    );
    const failed = results.find((one) => one.status === "rejected");
    // A lease that could not be given up runs out by itself within its term.
    if (failed && !(failed.reason instanceof OperationalError)) throw failed.reason;
  }

  /** Renews one lease, whatever becomes of the others' renewals: one that hangs must not cost the rest. */
  private async keep(held: Held): Promise<void> {
    const { clock, journal } = this.run.context;
    const termMs = journal.leaseTermMs;
    for (let waitMs = termMs / 3; await this.passes(waitMs); ) {
      try {
        await this.renew(held);
        waitMs = termMs / 3;
      } catch (error) {
        // One failed renewal is no loss: there are more before the term is over. After that it is.
        const retryable = error instanceof OperationalError && error.retryable;
        const goesOn = retryable && clock.now() - held.renewedAtMs < termMs;
        if (!goesOn) return this.end.abort(error);
        waitMs = Math.min(RENEWAL_RETRY_MS, termMs / 4);
      }
    }
  }

  private async watchForStop(): Promise<void> {
    const { journal, runId } = this.run.context;
    while (await this.passes(Math.min(STOP_POLL_INTERVAL_MS, journal.leaseTermMs / 4))) {
      try {
        if (await journal.stopRequested(runId)) return this.end.abort(stopped());
      } catch (error) {
        // Whether the journal can still be reached, the renewals find out.
        if (!(error instanceof OperationalError) || !error.retryable) return this.end.abort(error);
      }
    }
  }

  /** Waits; false once the leases are no longer wanted. */
  private async passes(ms: number): Promise<boolean> {
    const { signal } = this.ended;
    if (!signal.aborted) await this.run.context.clock.sleep(ms, signal).catch(() => undefined);
    return !signal.aborted;
  }
}

/** After a renewal that failed the next one follows so soon. */
const RENEWAL_RETRY_MS = 1_000;

const RELEASES_AT_ONCE_MAX = 4;

const RELEASE_RETRY = { attemptsMax: 4, baseMs: 100, delayMsMax: 1_000 };
