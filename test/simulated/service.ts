import type { AccountOptions } from "./account";
import { SimulatedAccount } from "./account";
import { authenticate } from "./authentication";
import type { Budget, BudgetSecond } from "./budget";
import { Budgets } from "./budget";
import { ConnectionDropped, refuse, ServiceError } from "./errors";
import type { FaultRule, RequestSummary } from "./faults";
import { Faults } from "./faults";
import { refusalInBatch, shownIndex, strikeBefore, timedOut, torn } from "./faultEffects";
import type { SimulatedRequest, SimulatedResponse } from "./http";
import { acceptedLevel, errorJson, errorXml, httpDate, utf8 } from "./http";
import { execute } from "./execute";
import type { ForeignWriter } from "./foreignWriter";
import type { Latency } from "./latency";
import { latencyOf } from "./latency";
import type { PagingHabits } from "./paging";
import type { Profile } from "./profile";
import { STORAGE } from "./profile";
import { seededRandom } from "./random";
import type { ClockSkew } from "./serviceClock";
import { ServiceClock } from "./serviceClock";
import type { Target } from "./target";
import { parseTarget } from "./target";

export interface ServiceOptions {
  readonly accounts: readonly AccountOptions[];
  /** The server's clock, milliseconds since 1970. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Of every random choice: faults and empty pages. */
  readonly seed?: number;
  readonly profile?: Profile;
  readonly paging?: PagingHabits;
  /** How long a deleted table's name stays taken (the real service: 40 s and more). 0 where left out. */
  readonly tableDeletionMs?: number;
  /** How long an answer takes; no time where left out. */
  readonly latencyMs?: Latency;
  /** How the service's clock goes wrong; `service.clock.set` changes it on the way. */
  readonly clockSkew?: ClockSkew;
  /** Throughput that is admitted; without limit where left out. `STORAGE_BUDGET` holds the documented numbers. */
  readonly budget?: Budget;
  /** Escape everything beyond U+007F in JSON. */
  readonly asciiJson?: boolean;
  /** Oldest log entries are forgotten beyond this many; 0: no log. 100,000 where left out. */
  readonly logEntriesMax?: number;
}

/** What a request was and what it got; status 0: the connection was dropped. */
export interface LogEntry extends RequestSummary {
  readonly status: number;
  /** The service's error code, also of a batch refused inside its 202. */
  readonly code?: string;
}

const SAS_FIELDS = new Set([
  "sv", "ss", "srt", "sp", "st", "se", "spr", "sip", "sig", "si", "tn", "spk", "srk", "epk", "erk", "ses",
]);

function summarize(request: SimulatedRequest, target: Target): RequestSummary {
  const shown = [...target.query].filter(([name]) => !SAS_FIELDS.has(name));
  const path = decodeURIComponent(target.signedPath).replace(new RegExp(`^/(?:${target.account}/)?`), "");
  return {
    account: target.account,
    method: request.method,
    path,
    query: Object.fromEntries(shown),
    bytes: request.body.length,
  };
}

const NO_SUMMARY: RequestSummary = { account: "", method: "", path: "", query: {}, bytes: 0 };

const defaultSleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * A strict Azure Table Storage in this process. `handle` takes what came over a wire and answers as the service would;
 * `serve` (server.ts) puts it on loopback. A request is carried out in one go, so concurrent ones never interleave.
 */
export class SimulatedTableService {
  readonly faults: Faults;
  readonly profile: Profile;
  readonly clock: ServiceClock;
  private readonly accounts: ReadonlyMap<string, SimulatedAccount>;
  private readonly options: ServiceOptions;
  /** What the service takes for the time. */
  private readonly now: () => number;
  /** What time it is, whatever the service's clock says: budgets are paid by it. */
  private readonly trueNow: () => number;
  private readonly latency: (request: SimulatedRequest) => number;
  private writers: readonly ForeignWriter[] = [];
  private readonly random: () => number;
  private budgets: Budgets;
  private entries: LogEntry[] = [];
  private requests = 0;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.profile = options.profile ?? STORAGE;
    this.trueNow = options.now ?? Date.now;
    this.clock = new ServiceClock(this.trueNow, options.clockSkew);
    this.now = this.clock.now;
    this.latency = latencyOf(options.latencyMs, options.seed ?? 1);
    this.random = seededRandom(options.seed ?? 1);
    this.faults = new Faults(this.random);
    this.budgets = new Budgets(options.budget, this.trueNow);
    const { rowNow } = this.clock;
    this.accounts = new Map(
      options.accounts.map((account) => [account.name, new SimulatedAccount(account, this.profile, rowNow)]),
    );
  }

  /** The account, for seeding, reading back, and keys. */
  account(name: string): SimulatedAccount {
    const account = this.accounts.get(name);
    if (account === undefined) throw new Error(`The simulated service has no account ${name}.`);
    return account;
  }

  /** Another budget from here on, with everything unspent; undefined: no limit any more. */
  setBudget(budget: Budget | undefined): void {
    this.budgets = new Budgets(budget, this.trueNow);
  }

  /** Lets somebody else change rows between requests from here on; the answer ends it. */
  letWrite(writer: ForeignWriter): () => void {
    this.writers = [...this.writers, writer];
    return () => {
      this.writers = this.writers.filter((one) => one !== writer);
    };
  }

  /** What the budget admitted and refused, second by second. */
  budgetUsage(account: string): readonly BudgetSecond[] {
    return this.budgets.usage(account);
  }

  /** Every request so far, oldest first. */
  get log(): readonly LogEntry[] {
    return this.entries;
  }

  clearLog(): void {
    this.entries = [];
  }

  /** Answers one request, after the latency. Rejects with `ConnectionDropped` where a fault says so. */
  async handle(request: SimulatedRequest): Promise<SimulatedResponse> {
    const latencyMs = this.latencyMs(request);
    if (latencyMs > 0) await (this.options.sleep ?? defaultSleep)(latencyMs);
    return this.answerNow(request);
  }

  /** How long this request's answer takes; drawn anew each time. */
  latencyMs(request: SimulatedRequest): number {
    return this.latency(request);
  }

  /** The same at once: what a server calls that has many to answer. Throws `ConnectionDropped`. */
  answerNow(request: SimulatedRequest): SimulatedResponse {
    for (const writer of this.writers) writer.beforeRequest(this.requests);
    this.requests += 1;
    const id = `${this.requests.toString(16).padStart(8, "0")}-0002-0000-0000-000000000000`;
    const observed = this.isObserved();
    let summary = observed ? { ...NO_SUMMARY, method: request.method } : NO_SUMMARY;
    try {
      const target = parseTarget(request);
      if (observed) summary = summarize(request, target);
      const fault = this.faults.take(summary, target.route.kind === "batch" ? "batch" : "request");
      const response = this.answer(request, target, id, summary, fault);
      const whole = this.finish(request, response, id);
      if (fault?.kind === "closeInAnswer" || fault?.kind === "resetInAnswer") throw torn(whole, fault.kind);
      this.record(summary, response.status, response.code);
      return whole;
    } catch (error) {
      if (error instanceof ConnectionDropped) this.record(summary, 0);
      if (!(error instanceof ServiceError)) throw error;
      this.record(summary, error.status, error.code);
      return this.refusal(request, error, id);
    }
  }

  /** False where nobody looks at requests one by one, so that they need not be described. */
  private isObserved(): boolean {
    return this.faults.isArmed || this.options.logEntriesMax !== 0;
  }

  private answer(
    request: SimulatedRequest, target: Target, id: string, summary: RequestSummary, fault: FaultRule | undefined,
  ) {
    if (fault !== undefined) strikeBefore(fault);
    const account = this.accounts.get(target.account);
    if (account === undefined) throw refuse.accountNotFound();
    if (fault?.kind === "expireSas") account.sasCutOff = true;
    const access = authenticate(account, request, target, this.now());
    const suffix = () => this.suffix(id);
    const response = execute({
      account,
      access,
      target,
      request,
      profile: this.profile,
      paging: this.options.paging ?? {},
      ascii: this.options.asciiJson ?? false,
      random: this.random,
      tableDeletionMs: this.options.tableDeletionMs ?? 0,
      budgets: this.budgets,
      suffix,
      id,
      shownIndex: (index, count) => shownIndex(index, count, this.faults.take(summary, "refusedBatch")?.kind),
      ...(fault?.kind.endsWith("InBatch") && { refuseBatchWith: refusalInBatch(fault) }),
    });
    if (fault?.kind === "dropAfter") throw new ConnectionDropped("afterCommit");
    if (fault?.kind === "timeoutAfterCommit") throw timedOut();
    if (fault?.kind === "cutShort") {
      return { ...response, body: response.body.subarray(0, Math.floor(response.body.length / 2)) };
    }
    return response;
  }

  private suffix(id: string): string {
    return this.profile.spelling.suffix(id, this.now());
  }

  private refusal(request: SimulatedRequest, error: ServiceError, id: string): SimulatedResponse {
    const { spelling } = this.profile;
    const json = spelling.errors.alwaysJson || acceptedLevel(request.headers["accept"], undefined) !== undefined;
    const body = json ? errorJson(error, this.suffix(id), spelling) : errorXml(error, this.suffix(id));
    const type = json ? "application/json;odata=minimalmetadata;streaming=true;charset=utf-8" : "application/xml";
    const headers = { ...error.headers, "content-type": type };
    return this.finish(request, { status: error.status, headers, body: utf8(body) }, id);
  }

  private finish(request: SimulatedRequest, response: SimulatedResponse, id: string): SimulatedResponse {
    const clientId = request.headers["x-ms-client-request-id"];
    const headers: Record<string, string> = {
      "cache-control": "no-cache",
      "x-ms-request-id": id,
      "x-ms-version": request.headers["x-ms-version"] ?? "2019-02-02",
      date: httpDate(this.now()),
    };
    if (clientId !== undefined) headers["x-ms-client-request-id"] = clientId;
    // Not spread into one literal: that made every answer's object a slow one.
    const { headers: ofKind } = this.profile.spelling;
    for (const name in ofKind) headers[name] = ofKind[name] ?? "";
    for (const name in response.headers) headers[name] = response.headers[name] ?? "";
    const charge = this.budgets.takeCharge();
    // learn.microsoft.com/rest/api/cosmos-db/common-cosmosdb-rest-response-headers
    if (this.profile.name === "cosmos") headers["x-ms-request-charge"] = String(charge);
    return { status: response.status, body: response.body, headers };
  }

  private record(summary: RequestSummary, status: number, code?: string): void {
    if (this.options.logEntriesMax === 0) return;
    this.entries.push({ ...summary, status, ...(code !== undefined && { code }) });
    const tooMany = this.entries.length - (this.options.logEntriesMax ?? 100_000);
    if (tooMany > 0) this.entries.splice(0, tooMany);
  }
}
