import os from "node:os";
import type { Settings } from "./options";
import type { BackfillResult } from "./parts/backfill";
import type { BudgetResult } from "./parts/budgets";
import type { CopyResult } from "./parts/copy";
import type { GrowthResult } from "./parts/growth";
import type { VerifyResult } from "./parts/verify";

/** What the bench was run on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
}

/** All that was measured, as the JSON file holds it; a part that was not asked for is missing. */
export interface Results {
  readonly startedAt: string;
  readonly durationMs: number;
  readonly machine: Machine;
  readonly settings: Pick<Settings, "parts" | "rounds" | "rows">;
  readonly copy?: readonly CopyResult[];
  readonly verify?: readonly VerifyResult[];
  readonly growth?: readonly GrowthResult[];
  readonly hot?: BudgetResult;
  readonly uneven?: BudgetResult;
  readonly backfill?: readonly BackfillResult[];
  /** Why a contender is missing. */
  readonly skipped: readonly string[];
}

export function thisMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model ?? "unknown",
    cores: cpus.length,
    memoryGib: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
  };
}
