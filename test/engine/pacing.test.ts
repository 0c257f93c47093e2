import { OperationalError } from "../../migration/engine/errors";
import { Gate } from "../../migration/engine/gate";
import { partitionLoad } from "../../migration/engine/lanes";
import { REQUEST_RETRY, withRetry } from "../../migration/engine/retry";
import { seededRandom, VirtualClock } from "./virtualClock";

const never = new AbortController().signal;
const BATCH_ROWS = 100;

/** Tokens that fill up at a rate, as the simulated service has them. */
class Bucket {
  private tokens: number;
  private atMs: number;

  constructor(
    private readonly clock: VirtualClock,
    private readonly rate: number,
    /** How many seconds' worth is saved up at most. */
    private readonly burst: number,
  ) {
    this.tokens = rate * burst;
    this.atMs = clock.now();
  }

  has(rows: number): boolean {
    const nowMs = this.clock.now();
    this.tokens = Math.min(this.rate * this.burst, this.tokens + ((nowMs - this.atMs) * this.rate) / 1_000);
    this.atMs = nowMs;
    return this.tokens >= rows;
  }

  take(rows: number): void {
    this.tokens -= rows;
  }
}

interface Options {
  readonly accountRate?: number;
  readonly partitionRate?: number;
  readonly retryAfterMs?: number;
  readonly concurrency?: number;
  readonly burst?: number;
}

/** A service with budgets behind a gate, in virtual time; each request takes 5 ms. */
function setUp(options: Options = {}) {
  const { accountRate = 20_000, partitionRate = 2_000, retryAfterMs, concurrency = 16, burst = 1 } = options;
  const clock = new VirtualClock();
  const gate = new Gate(concurrency, clock, never, "account contoso");
  const account = new Bucket(clock, accountRate, burst);
  const partitions = new Map<string, Bucket>();
  const admitted: { readonly atMs: number; readonly rows: number }[] = [];
  const startMs = clock.now();
  const counts = { refused: 0, mostActive: 0, active: 0 };
  const send = async (partition: string, rows: number) => {
    counts.active += 1;
    counts.mostActive = Math.max(counts.mostActive, counts.active);
    await clock.sleep(5);
    counts.active -= 1;
    const own = partitions.get(partition) ?? new Bucket(clock, partitionRate, burst);
    partitions.set(partition, own);
    if (!own.has(rows) || !account.has(rows)) {
      counts.refused += 1;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      const details = { code: "ServerBusy", message: "busy", status: 503, retryable: true, throttled: true };
      throw new OperationalError({ ...details, ...wait });
    }
    own.take(rows);
    account.take(rows);
    admitted.push({ atMs: clock.now() - startMs, rows });
  };
  const retrying = { clock, gate, random: seededRandom(1), signal: never };
  const write = (partition: string, rows = BATCH_ROWS) =>
    withRetry(retrying, () => send(partition, rows), REQUEST_RETRY, partitionLoad("Cities", partition, rows));
  /** Rows admitted between two moments. */
  const rowsBetween = (fromMs: number, toMs: number) =>
    admitted.reduce((sum, { atMs, rows }) => sum + (atMs >= fromMs && atMs < toMs ? rows : 0), 0);
  return { clock, gate, counts, write, rowsBetween, elapsedMs: () => clock.now() - startMs };
}

describe("a table of one hot partition", () => {
  it.each([1, 0.1])("is paced to its limit (%s s saved up): no error, few refusals, little unused", async (burst) => {
    const { write, counts, elapsedMs, rowsBetween, gate } = setUp({ burst });
    let reason: string | undefined;
    const watch = async () => {
      await write("hot");
      reason = gate.throttledReason ?? reason;
    };
    await Promise.all(Array.from({ length: 600 }, watch));
    expect(reason).toMatch(/^account contoso answered 503 ServerBusy for a partition of Cities, \d+ rows\/s$/);
    // 60,000 rows at 2,000 a second.
    expect(elapsedMs()).toBeLessThan(30_000 / 0.9);
    for (let second = 3; second < 25; second += 1) {
      expect(rowsBetween(second * 1_000, (second + 1) * 1_000)).toBeGreaterThanOrEqual(1_700);
    }
    expect(counts.refused).toBeLessThan(60);
  });

  it("does not hold up other partitions", async () => {
    const { write, clock } = setUp();
    const hot = Promise.all(Array.from({ length: 300 }, () => write("hot")));
    await clock.sleep(3_000);
    const waits: number[] = [];
    for (let at = 0; at < 40; at += 1) {
      const beforeMs = clock.now();
      await write(`cold ${at}`);
      waits.push(clock.now() - beforeMs);
    }
    await hot;
    expect(Math.max(...waits)).toBeLessThan(100);
  });

  it("is left alone for as long as the service asks, and others are not", async () => {
    const { write, clock, elapsedMs } = setUp({ retryAfterMs: 4_000, partitionRate: 100 });
    await write("hot");
    const second = write("hot");
    await clock.sleep(10);
    await write("cold");
    expect(elapsedMs()).toBeLessThan(100);
    await second;
    expect(elapsedMs()).toBeGreaterThanOrEqual(4_000);
  });

  it("recovers its pace when the service takes more again", async () => {
    const { write, clock, gate } = setUp({ partitionRate: 2_000 });
    await Promise.all(Array.from({ length: 100 }, () => write("hot")));
    await clock.sleep(120_000);
    const beforeMs = clock.now();
    await Promise.all(Array.from({ length: 20 }, () => write("hot")));
    expect(clock.now() - beforeMs).toBeLessThan(400);
    expect(gate.inFlight).toBe(0);
  });
});

describe("many small partitions, each of which is filled at once", () => {
  it("are not taken for a full account, and others do not wait for them", async () => {
    const { write, gate, elapsedMs, counts } = setUp({ burst: 0.1, accountRate: 1e6 });
    const reasons = new Set<string | undefined>();
    let next = 0;
    const worker = async () => {
      for (let partition = next++; partition < 400; partition = next++) {
        // Two hundred rows are taken at once, and fifty more a moment later.
        await Promise.all([100, 100, 50].map((rows) => write(`p${partition}`, rows)));
        reasons.add(gate.throttledReason);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    expect(counts.refused).toBeGreaterThan(100);
    expect([...reasons].filter((reason) => reason?.includes("requests at once"))).toEqual([]);
    expect(elapsedMs()).toBeLessThan(12_000);
  });
});

describe("an account that is full", () => {
  /** Tables from 200 batches down to 2, each over partitions of ten batches, twenty batches of a table at once. */
  async function fiftyTables(write: (partition: string) => Promise<void>): Promise<number> {
    let rows = 0;
    const table = async (at: number) => {
      const batches = Math.max(4, Math.round(1_200 / (at + 1)));
      let next = 0;
      const worker = async () => {
        for (let batch = next++; batch < batches; batch = next++) {
          // Rows are spread, as ranges spread them: twenty partitions at once.
          await write(`${at} ${batch % 20} ${Math.floor(batch / 200)}`);
          rows += BATCH_ROWS;
        }
      };
      await Promise.all(Array.from({ length: 20 }, worker));
    };
    await Promise.all(Array.from({ length: 50 }, (_, at) => table(at)));
    return rows;
  }

  it.each([
    [1, undefined],
    [0.1, undefined],
    [1, 1_000],
  ])("is used for more than nine tenths (%s s saved up, Retry-After %s ms)", async (burst, retryAfterMs) => {
    const { write, rowsBetween, elapsedMs, counts } = setUp({ burst, ...(retryAfterMs ? { retryAfterMs } : {}) });
    const rows = await fiftyTables(write);
    const tenthMs = elapsedMs() * 0.9;
    // What was saved up at the start is not counted as use.
    expect(rowsBetween(1_000, tenthMs) / ((tenthMs - 1_000) * 20)).toBeGreaterThan(0.9);
    expect(rowsBetween(0, Infinity)).toBe(rows);
    expect(counts.refused).toBeLessThan(rows / BATCH_ROWS / 5);
  });

  it("is told from a hot partition, and the bound is halved once for all requests that were under way", async () => {
    const { write, gate, counts, clock } = setUp({ accountRate: 300 });
    const all = Promise.all(Array.from({ length: 16 }, (_, at) => write(`p${at}`)));
    await clock.sleep(6);
    expect(counts.refused).toBeGreaterThan(8);
    expect(gate.throttledReason).toMatch(/ServerBusy, 8 requests at once/);
    await all;
  });
});
