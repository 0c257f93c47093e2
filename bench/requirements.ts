import type { CopyResult, CopyScene, ContenderName } from "./parts/copy";
import type { Results } from "./results";

/** A number that was promised, and what came of it. */
export interface Requirement {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  readonly met: boolean;
}

const RSS_MB_MAX = 200;
/** RSS of the largest table against the smallest, and against the one before it, which fills every buffer already. */
const FLAT_OVERALL_MAX = 1.5;
const FLAT_LAST_MAX = 1.15;
const CPU_US_MAX = 14;
const VERIFY_ROWS_PER_SECOND_MIN = 100_000;
const ACCOUNT_SHARE_MIN = 0.9;

export const thousands = (value: number) => Math.round(value).toLocaleString("en-US");
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function find(
  copy: readonly CopyResult[], { shape, latencyMs }: CopyScene, contender: ContenderName,
): CopyResult | undefined {
  return copy.find((one) => one.shape === shape && one.latencyMs === latencyMs && one.contender === contender);
}

/** How many times as fast as the tuned SDK of the same scene; undefined where one of the two is missing. */
export function ratioToTuned(copy: readonly CopyResult[], result: CopyResult): number | undefined {
  const tuned = find(copy, result, "sdkTuned");
  return tuned && result.figures.rowsPerSecond.median / tuned.figures.rowsPerSecond.median;
}

const RATIOS: readonly (CopyScene & { readonly min: number })[] = [
  { shape: "batchable", latencyMs: 0, min: 10 },
  { shape: "batchable", latencyMs: 5, min: 9 },
  { shape: "scattered", latencyMs: 0, min: 7 },
  { shape: "scattered", latencyMs: 5, min: 7 },
];

function ratios(copy: readonly CopyResult[]): readonly Requirement[] {
  return RATIOS.flatMap(({ min, ...scene }) => {
    const own = find(copy, scene, "landbridge");
    const ratio = own && ratioToTuned(copy, own);
    if (own === undefined || ratio === undefined) return [];
    const rows = scene.shape === "batchable" ? "partitions of 250 rows" : "one row per partition";
    return [{
      what: `Copy, ${rows}, ${scene.latencyMs} ms, against the tuned SDK`,
      asked: `>= ${min}x`,
      measured: `${ratio.toFixed(1)}x (${thousands(own.figures.rowsPerSecond.median)} rows/s)`,
      met: ratio >= min,
    }];
  });
}

function cost(copy: readonly CopyResult[]): readonly Requirement[] {
  const own = find(copy, { shape: "batchable", latencyMs: 0 }, "landbridge");
  const { clientCpuUs, workCpuUs } = own?.figures ?? {};
  const cpu: Requirement[] = clientCpuUs === undefined || workCpuUs === undefined ? [] : [{
    what: "Client CPU per entity, digest and start-up included",
    asked: `<= ${CPU_US_MAX} us`,
    measured: `${clientCpuUs.median.toFixed(1)} us (${workCpuUs.median.toFixed(1)} us after the start)`,
    met: clientCpuUs.median <= CPU_US_MAX,
  }];
  const dearest = [...copy].sort((a, b) => serverShare(b) - serverShare(a))[0];
  const harness: Requirement[] = dearest === undefined ? [] : [{
    what: "The server costs less CPU than any client",
    asked: "< 1x",
    measured:
      `at most ${serverShare(dearest).toFixed(2)}x (${dearest.contender}, ${dearest.shape}, ${dearest.latencyMs} ms)`,
    met: serverShare(dearest) < 1,
  }];
  const altered = copy.filter(({ contender }) => contender === "landbridge")
    .reduce((sum, { figures: { comparison } }) => sum + (comparison?.altered ?? 0) + (comparison?.missing ?? 0), 0);
  const fidelity: Requirement[] = own === undefined ? [] : [{
    what: "Rows that landbridge altered or lost", asked: "0", measured: thousands(altered), met: altered === 0,
  }];
  return [...cpu, ...fidelity, ...harness];
}

const serverShare = ({ figures }: CopyResult) => figures.serverCpuUs.median / figures.clientCpuUs.median;

function verification({ verify = [] }: Results): readonly Requirement[] {
  return verify.map(({ latencyMs, figures }) => ({
    what: `Verification of two sides, ${latencyMs} ms`,
    asked: `>= ${thousands(VERIFY_ROWS_PER_SECOND_MIN)} rows/s in total`,
    measured: `${thousands(figures.rowsPerSecond.median)} rows/s`,
    met: figures.errors.length === 0 && figures.rowsPerSecond.median >= VERIFY_ROWS_PER_SECOND_MIN,
  }));
}

const MIB_IN_MB = 1.048576;

function memory({ growth = [] }: Results): readonly Requirement[] {
  const sizes = growth.map(({ figures }) => figures.rssMib.max * MIB_IN_MB);
  const last = sizes.at(-1);
  if (last === undefined) return [];
  const shown = sizes.map((size) => size.toFixed(0)).join(" / ");
  const overall = last / (sizes[0] ?? last);
  const lastStep = last / (sizes.at(-2) ?? last);
  return [
    {
      what: "Memory (RSS) at most",
      asked: `<= ${RSS_MB_MAX} MB`,
      measured: `${shown} MB`,
      met: Math.max(...sizes) <= RSS_MB_MAX,
    },
    {
      what: `Memory flat from ${growth.map(({ rows }) => thousands(rows)).join(" to ")} entities`,
      asked: `last <= ${FLAT_OVERALL_MAX}x the first and ${FLAT_LAST_MAX}x the one before`,
      measured: `${overall.toFixed(2)}x and ${lastStep.toFixed(2)}x`,
      met: overall <= FLAT_OVERALL_MAX && lastStep <= FLAT_LAST_MAX,
    },
  ];
}

function pace({ hot, uneven }: Results): readonly Requirement[] {
  const paced: Requirement[] = hot === undefined ? [] : [{
    what: `One hot partition: paced to ${thousands(hot.limit)} rows/s, and no error reaches the user`,
    asked: "0 errors, 0 rows missing",
    measured: `${hot.errors.length} errors, ${hot.missing} missing, ${percent(hot.share)} of the limit used`,
    met: hot.errors.length === 0 && hot.missing === 0,
  }];
  const filled: Requirement[] = uneven === undefined ? [] : [{
    what: `${uneven.tables} uneven tables: use of the account's ${thousands(uneven.limit)} rows/s until the last tenth`,
    asked: `> ${percent(ACCOUNT_SHARE_MIN)}`,
    measured: `${percent(uneven.share)}, ${uneven.errors.length} errors, ${uneven.missing} missing`,
    met: uneven.share > ACCOUNT_SHARE_MIN && uneven.errors.length === 0 && uneven.missing === 0,
  }];
  return [...paced, ...filled];
}

/** Everything that was asked for, as far as it was measured. */
export function requirementsOf(results: Results): readonly Requirement[] {
  const copy = results.copy ?? [];
  return [...ratios(copy), ...cost(copy), ...verification(results), ...memory(results), ...pace(results)];
}
