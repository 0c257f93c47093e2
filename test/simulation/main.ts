import { parseArgs } from "node:util";

import { judge } from "./checkers";
import { scenarioOf } from "./generate";
import { simulate } from "./simulate";
import { Summary } from "./summary";

const OPTIONS = {
  /** How many seeds. */
  seeds: { type: "string", default: "1000" },
  /** The first of them. */
  from: { type: "string", default: "1" },
  /** This one alone. */
  seed: { type: "string" },
} as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} ${text} is no whole number.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const from = wholeNumber("from", values.seed ?? values.from);
  const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
  const summary = new Summary();
  for (let seed = from; seed < from + count; seed += 1) {
    const scenario = scenarioOf(seed);
    const simulated = await simulate(scenario);
    const violations = judge(scenario, simulated.log);
    summary.add(scenario, simulated, violations);
    if (violations.length > 0) say(`seed ${seed} fails`);
    for (const { checker, message } of violations) say(`  ${checker}: ${message}`);
  }
  say(summary.text());
  process.exitCode = summary.failed.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
