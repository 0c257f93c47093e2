import { parseArgs } from "node:util";

import { runMain, wholeNumber } from "../arguments";
import { writeSection } from "../documents";
import { COPY } from "./copy";
import type { Defect } from "./defects";
import type { Kind } from "./kind";
import { type Log, traceLine } from "./log";
import type { Scenario } from "./scenario";
import { shrink } from "./shrink";
import { Summary } from "./summary";
import { ZERO_DOWNTIME } from "./zeroDowntime";

function namesOf(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => name).join(", ");
}

const HELP = `npm run simulate -- [options]
  --seeds N        how many seeds (1000)
  --from S         the first of them (1)
  --seed S         this one alone
  --scenario KIND  ${COPY.name} (as it is without), or ${ZERO_DOWNTIME.name}
  --defect NAME    with a mistake switched on. ${COPY.name}: ${namesOf(COPY.defects)};
                   ${ZERO_DOWNTIME.name}: ${namesOf(ZERO_DOWNTIME.defects)}
  --trace          print everything that happens (for one seed)
  --write FILE     put the summary into a page, between its marks
Exit code 1: a checker found something; the seed and its shrunk schedule are printed.
`;

const OPTIONS = {
  seeds: { type: "string", default: "1000" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  scenario: { type: "string", default: COPY.name },
  defect: { type: "string" },
  trace: { type: "boolean", default: false },
  write: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Failing seeds that are shrunk; of more, only the seed is said. */
const SHRUNK_MAX = 3;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function defectNamed(name: string | undefined, defects: readonly Defect[]): Defect | undefined {
  const found = defects.find((one) => one.name === name);
  if (found || name === undefined) return found;
  throw new Error(`--defect ${name} is none of ${namesOf(defects)}.`);
}

async function one<S extends Scenario>(
  kind: Kind<S>,
  seed: number,
  defect: Defect | undefined,
  summary: Summary,
): Promise<Log> {
  const scenario = kind.scenarioOf(seed);
  const simulated = await kind.simulate(scenario, defect);
  const violations = kind.judge(scenario, simulated.log);
  summary.add(scenario, simulated, violations);
  const [first] = violations;
  if (!first) return simulated.log;
  say(`\nseed ${seed} fails:`);
  for (const { checker, message } of violations) say(`  ${checker}: ${message}`);
  if (summary.failed.length <= SHRUNK_MAX) {
    const smallest = await shrink(kind, scenario, first.checker, defect);
    say(`shrunk while "${first.checker}" still fails:\n${kind.scheduleText(smallest)}`);
  }
  const options = `${scenarioOption(kind)}--seed ${seed}${defect ? ` --defect ${defect.name}` : ""}`;
  say(`again: npm run simulate -- ${options} --trace`);
  return simulated.log;
}

function scenarioOption({ name }: { readonly name: string }): string {
  return name === COPY.name ? "" : `--scenario ${name} `;
}

async function play<S extends Scenario>(kind: Kind<S>, values: Values): Promise<number> {
  const defect = defectNamed(values.defect, kind.defects);
  const from = wholeNumber("from", values.seed ?? values.from);
  const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
  const summary = new Summary(kind.checkers);
  for (let seed = from; seed < from + count; seed += 1) {
    const log = await one(kind, seed, defect, summary);
    if (values.trace && count === 1) for (const entry of log.entries) say(traceLine(entry));
    if (count === 1) say(`trace ${log.hash()}`);
  }
  say(`\n${summary.text()}`);
  if (values.write !== undefined) {
    const options = `${scenarioOption(kind)}--seeds ${count} --from ${from} --write ${values.write}`;
    const section = kind.name === COPY.name ? "simulation" : `simulation-${kind.name}`;
    writeSection(values.write, section, `Made by \`npm run simulate -- ${options}\`.\n\n${summary.text()}`);
  }
  return summary.failed.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    say(HELP);
    return 0;
  }
  switch (values.scenario) {
    case COPY.name:
      return play(COPY, values);
    case ZERO_DOWNTIME.name:
      return play(ZERO_DOWNTIME, values);
    default:
      throw new Error(`--scenario ${values.scenario} is neither ${COPY.name} nor ${ZERO_DOWNTIME.name}.`);
  }
}

runMain(main);
