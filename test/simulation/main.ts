import { parseArgs } from "node:util";

import { runMain, wholeNumber } from "../arguments";
import { writeSection } from "../documents";
import { judge } from "./checkers";
import { type Defect, DEFECTS } from "./defects";
import { scenarioOf } from "./generate";
import { type Log, traceLine } from "./log";
import { scheduleText } from "./schedule";
import { shrink } from "./shrink";
import { simulate } from "./simulate";
import { Summary } from "./summary";

const HELP = `npm run simulate -- [options]
  --seeds N        how many seeds (1000)
  --from S         the first of them (1)
  --seed S         this one alone
  --defect NAME    with a mistake switched on: ${DEFECTS.map(({ name }) => name).join(", ")}
  --trace          print everything that happens (for one seed)
  --write FILE     put the summary into a page, between its marks
Exit code 1: a checker found something; the seed and its shrunk schedule are printed.
`;

const OPTIONS = {
  seeds: { type: "string", default: "1000" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  defect: { type: "string" },
  trace: { type: "boolean", default: false },
  write: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** Failing seeds that are shrunk; of more, only the seed is said. */
const SHRUNK_MAX = 3;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function defectNamed(name: string | undefined): Defect | undefined {
  const found = DEFECTS.find((one) => one.name === name);
  if (found || name === undefined) return found;
  throw new Error(`--defect ${name} is none of ${DEFECTS.map((one) => one.name).join(", ")}.`);
}

async function one(seed: number, defect: Defect | undefined, summary: Summary): Promise<Log> {
  const scenario = scenarioOf(seed);
  const simulated = await simulate(scenario, defect);
  const violations = judge(scenario, simulated.log);
  summary.add(scenario, simulated, violations);
  const [first] = violations;
  if (!first) return simulated.log;
  say(`\nseed ${seed} fails:`);
  for (const { checker, message } of violations) say(`  ${checker}: ${message}`);
  if (summary.failed.length <= SHRUNK_MAX) {
    say(`shrunk while "${first.checker}" still fails:\n${scheduleText(await shrink(scenario, first.checker, defect))}`);
  }
  say(`again: npm run simulate -- --seed ${seed}${defect ? ` --defect ${defect.name}` : ""} --trace`);
  return simulated.log;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const defect = defectNamed(values.defect);
  const from = wholeNumber("from", values.seed ?? values.from);
  const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
  const summary = new Summary();
  for (let seed = from; seed < from + count; seed += 1) {
    const log = await one(seed, defect, summary);
    if (values.trace && count === 1) for (const entry of log.entries) say(traceLine(entry));
    if (count === 1) say(`trace ${log.hash()}`);
  }
  say(`\n${summary.text()}`);
  if (values.write !== undefined) {
    const command = `npm run simulate -- --seeds ${count} --from ${from} --write ${values.write}`;
    writeSection(values.write, "simulation", `Made by \`${command}\`.\n\n${summary.text()}`);
  }
  return summary.failed.length === 0 ? 0 : 1;
}

runMain(main);
