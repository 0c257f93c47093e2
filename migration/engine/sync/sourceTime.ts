import { withRetry } from "../retry";
import type { SyncingTable } from "./syncing";

/**
 * The source server's clock, from its own answer, and how it goes on. Services tell whole seconds, rounded down, and
 * this machine's clock only measures what passed since: how it is set makes no difference.
 */
export class SourceTime {
  private constructor(
    /** Milliseconds since 1970, at most what the server's clock showed. */
    readonly startedMs: number,
    private readonly asked: number,
    private readonly clock: SyncingTable["run"]["context"]["clock"],
  ) {}

  /** Asked before anything else is read. */
  static async ask({ run, settings }: SyncingTable): Promise<SourceTime> {
    const { source, clock } = run.context;
    const request = { rowsMax: 1, keysOnly: true };
    const { serverTimeMs } = await withRetry(run.reading, () => source.readPage(settings.table, request));
    return new SourceTime(serverTimeMs, clock.now(), clock);
  }

  /** What the server's clock shows now, at most: it may have been nearly a second on when it told the last one. */
  get latestMs(): number {
    return this.startedMs + 1_000 + (this.clock.now() - this.asked);
  }
}
