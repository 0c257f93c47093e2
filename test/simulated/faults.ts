/** What can go wrong on purpose. `...InBatch` answers inside the 202 multipart and leaves other requests alone. */
export type FaultKind =
  /** 503 ServerBusy, as Storage throttles. */
  | "busy"
  /** 429, as Cosmos throttles. */
  | "tooManyRequests"
  | "busyInBatch"
  | "tooManyRequestsInBatch"
  /** 500 InternalError. */
  | "internalInBatch"
  /** 500 OperationTimedOut, before anything was done. */
  | "timeout"
  /** 500 OperationTimedOut although the work was done. */
  | "timeoutAfterCommit"
  /** 500 InternalError. */
  | "internal"
  /** The connection breaks before anything was done. */
  | "dropBefore"
  /** The work was done, and nobody hears of it. */
  | "dropAfter"
  /** The work was done; the second half of the answer's body is missing, as behind a careless proxy. */
  | "cutShort"
  /** The work was done; the connection ends in mid-body, with Content-Length saying that there was more. */
  | "closeInAnswer"
  /** The same, and the connection is reset. */
  | "resetInAnswer"
  /** A batch that is refused names an operation that was not the one. Strikes batches that are refused only. */
  | "wrongIndexInBatch"
  /** A batch that is refused does not say which operation it was. Strikes batches that are refused only. */
  | "noIndexInBatch"
  /** From here on every SAS of the account counts as expired, until `account.sasCutOff = false`. */
  | "expireSas";

/** A request, as rules and the log see it: no credential in it. */
export interface RequestSummary {
  readonly account: string;
  readonly method: string;
  /** Decoded path within the account, such as `Cities(PartitionKey='NL',RowKey='1')` or `$batch`. */
  readonly path: string;
  /** The query without any SAS field. */
  readonly query: Readonly<Record<string, string>>;
  /** Of the request body. */
  readonly bytes: number;
}

export interface FaultRule {
  readonly kind: FaultKind;
  /** Which requests; all where left out. */
  readonly when?: (request: RequestSummary) => boolean;
  /** Matching requests that pass first; 0 where left out. */
  readonly skip?: number;
  /** How often, at most. Where left out: once, or without end if there is a `chance`. */
  readonly times?: number;
  /** Of a matching request to be hit, 0 to 1. */
  readonly chance?: number;
  /** Retry-After of a throttled answer; no header where left out. */
  readonly retryAfterSeconds?: number;
  /** x-ms-retry-after-ms of a throttled answer, as Cosmos sends it; no header where left out. */
  readonly retryAfterMs?: number;
}

/** A request came in, and it is a batch or not; or a batch was refused, and its answer is about to say so. */
export type Moment = "request" | "batch" | "refusedBatch";

function strikes(kind: FaultKind, moment: Moment): boolean {
  const ofRefusals = kind === "wrongIndexInBatch" || kind === "noIndexInBatch";
  if (moment === "refusedBatch") return ofRefusals;
  return moment === "batch" ? !ofRefusals : !kind.endsWith("InBatch");
}

interface Armed {
  readonly rule: FaultRule;
  skip: number;
  left: number;
}

/** The faults that are waiting to happen. Seeded, so that a failure can be had again. */
export class Faults {
  private armed: Armed[] = [];

  constructor(private readonly random: () => number) {}

  add(rule: FaultRule): void {
    const left = rule.times ?? (rule.chance === undefined ? 1 : Number.POSITIVE_INFINITY);
    this.armed.push({ rule, skip: rule.skip ?? 0, left });
  }

  /** False where no request can be hit. */
  get isArmed(): boolean {
    return this.armed.length > 0;
  }

  clear(): void {
    this.armed = [];
  }

  /** The fault that hits this request, the first that was added winning; it is used up. */
  take(request: RequestSummary, moment: Moment): FaultRule | undefined {
    for (const armed of this.armed) {
      const { rule } = armed;
      if (armed.left <= 0 || !strikes(rule.kind, moment)) continue;
      if (rule.when !== undefined && !rule.when(request)) continue;
      if (armed.skip > 0) armed.skip -= 1;
      else if (rule.chance === undefined || this.random() < rule.chance) {
        armed.left -= 1;
        return rule;
      }
    }
    return undefined;
  }
}
