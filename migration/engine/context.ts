import type { Clock, Random } from "./clock";
import type { Journal } from "./journal";
import type { Difference } from "./outcome";
import type { ProgressSample } from "./progress";
import type { RowFormat } from "./rowFormat";
import type { Store } from "./store";

/** Everything a run touches, injected. */
export interface RunContext {
  readonly source: Store;
  readonly destination: Store;
  readonly format: RowFormat;
  /** Lives in the destination; a verification and a dry run only read it. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly runId: string;
  /** For people: who runs this, and where. */
  readonly owner: string;
  /** Called often; the receiver decides what to show. */
  readonly progress: (sample: ProgressSample) => void;
  /** Called for every difference and conflict, in the order found. */
  readonly difference: (difference: Difference) => void | Promise<void>;
  /** Aborted: stop at the next acknowledged batch. */
  readonly signal: AbortSignal;
}
