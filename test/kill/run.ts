import type { RowKey } from "../../migration/engine/row";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Finished, Started } from "../e2e/service";
import type { SimulatedRequest, SimulatedResponse } from "../simulated";
import type { Moment } from "./moment";
import type { Progress } from "./progress";
import { DESTINATION, type Fate, SOURCE, type WatchedService, type Watcher } from "./watchedService";

/** A page of the source as a copy reads it: whole rows, not keys alone. */
export interface SourcePage {
  readonly table: string;
  readonly keys: readonly RowKey[];
  /** What the journal said when it was asked for. */
  readonly progress: Progress | undefined;
  /** The run held the table's lease by then; before, it only looks whether it could copy. */
  readonly leased: boolean;
}

export interface Watched {
  readonly finished: Finished;
  readonly requests: number;
  readonly firstRequestMs: number | undefined;
  /** The kill came while it was alive. */
  readonly killed: boolean;
  readonly heldLease: boolean;
  readonly pages: readonly SourcePage[];
}

const PAGE = new RegExp(`^/${SOURCE}/([A-Za-z0-9]+)\\(\\)`);
const LEASE_GIVEN_BACK = new RegExp(`^/${DESTINATION}/${JOURNAL_TABLE}\\(PartitionKey='lease'`);

function sourceTable({ method, target }: SimulatedRequest): string | undefined {
  return method === "GET" ? PAGE.exec(decodeURIComponent(target))?.[1] : undefined;
}

function keysOnly({ target }: SimulatedRequest): boolean {
  return target.includes("$select") || target.includes("%24select");
}

function keysOf(response: SimulatedResponse): readonly RowKey[] {
  if (response.status !== 200) return [];
  const page = JSON.parse(Buffer.from(response.body).toString("utf8")) as {
    readonly value: readonly { readonly PartitionKey: string; readonly RowKey: string }[];
  };
  return page.value.map(({ PartitionKey, RowKey }) => ({ partitionKey: PartitionKey, rowKey: RowKey }));
}

/** The leases that a process holds, by table in lower case. */
export function leasesOf(service: WatchedService, pid: number | undefined): readonly string[] {
  const account = service.account(DESTINATION);
  if (!account.tableNames().includes(JOURNAL_TABLE)) return [];
  return account.rows(JOURNAL_TABLE)
    .filter(({ partitionKey, properties }) => partitionKey === "lease" &&
      (pid === undefined || String(properties.get("owner")?.value).includes(`(process ${pid})`)))
    .map(({ rowKey }) => rowKey);
}

/** Watches one process from its start to its end, and kills it when its moment has come. */
export class RunWatch implements Watcher {
  private readonly pages: SourcePage[] = [];
  private readonly asked = new Map<number, Omit<SourcePage, "keys">>();
  private readonly startedAtMs = Date.now();
  private firstRequestMs: number | undefined;
  private requests = 0;
  private ending = false;
  private heldLease = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: WatchedService,
    private readonly started: Started,
    private readonly moment: Moment | undefined,
    private readonly progress: (table: string) => Promise<Progress | undefined>,
  ) {
    if (moment?.kind === "start") this.killAfter(moment.afterMs);
  }

  async arrived(request: SimulatedRequest, number: number): Promise<Fate> {
    this.requests = number;
    this.firstRequestMs ??= Date.now() - this.startedAtMs;
    const { moment } = this;
    if (moment?.kind === "request" && moment.number === number && moment.fate === "lost") {
      this.killAfter(moment.afterMs);
      return "lost";
    }
    const givesBack = request.method === "DELETE" && LEASE_GIVEN_BACK.test(decodeURIComponent(request.target));
    if (moment?.kind === "ending" && givesBack && !this.ending) this.killAfter(moment.afterMs);
    this.ending ||= givesBack;
    const table = sourceTable(request);
    if (table === undefined) return "carriedOut";
    const leased = leasesOf(this.service, this.started.child.pid).includes(table.toLowerCase());
    this.heldLease ||= leased;
    const progress = await this.progress(table);
    if (moment?.kind === "verifying" && leased && progress?.complete === true) this.killAfter(moment.afterMs);
    if (!keysOnly(request)) this.asked.set(number, { table, leased, progress });
    return "carriedOut";
  }

  done(_request: SimulatedRequest, response: SimulatedResponse, number: number): void {
    const { moment } = this;
    if (moment?.kind === "request" && moment.number === number && moment.fate === "unanswered") {
      this.killAfter(moment.afterMs);
    }
    const asked = this.asked.get(number);
    if (asked !== undefined) this.pages.push({ ...asked, keys: keysOf(response) });
  }

  /** Resolves once the process is gone and nothing that it sent is still on its way. */
  async over(): Promise<Watched> {
    const finished = await this.started.finished;
    clearTimeout(this.timer);
    await this.service.settled();
    const { requests, firstRequestMs, heldLease, pages } = this;
    return { finished, requests, firstRequestMs, killed: finished.killed, heldLease, pages };
  }

  private killAfter(ms: number): void {
    if (this.timer !== undefined) return;
    const kill = () => void this.started.child.kill("SIGKILL");
    if (ms === 0) kill();
    else this.timer = setTimeout(kill, ms);
  }
}
