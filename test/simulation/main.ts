import { fork } from "node:child_process";
import { parseArgs } from "node:util";

import { runMain, wholeNumber } from "../arguments";
import { writeSection } from "../documents";
import { COPY } from "./copy";
import type { Defect } from "./defects";
import { caughtText, firstCaught, SEEDS_MAX } from "./firstCaught";
import type { Kind } from "./kind";
import { type Log, traceLine } from "./log";
import { playedBy } from "./playedBy";
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
  --stride N       every Nth of them (1)
  --processes N    so many at once (1)
  --scenario KIND  ${COPY.name} (as it is without), or ${ZERO_DOWNTIME.name}
  --defect NAME    with a mistake switched on. ${COPY.name}: ${namesOf(COPY.defects)};
                   ${ZERO_DOWNTIME.name}: ${namesOf(ZERO_DOWNTIME.defects)}
  --defects        each mistake in turn: the first seed at which it is noticed, up to ${SEEDS_MAX}
  --trace          print everything that happens (for one seed)
  --write FILE     put the summary into a page, between its marks
An interrupt ends it after the seed that is played, with the summary of those that were.
Exit code 1: a checker found something; the seed and its shrunk schedule are printed. --defects: one went unnoticed.
`;

const OPTIONS = {
  seeds: { type: "string", default: "1000" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  stride: { type: "string", default: "1" },
  processes: { type: "string", default: "1" },
  scenario: { type: "string", default: COPY.name },
  defect: { type: "string" },
  defects: { type: "boolean", default: false },
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
  if (values.defects) return playDefects(kind, values);
  const from = wholeNumber("from", values.seed ?? values.from);
  const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
  const summary = new Summary(kind.checkers);
  const processes = Math.min(count, wholeNumber("processes", values.processes));
  if (processes > 1) await playTogether(processes, from, count, summary);
  else await playHere(kind, values, from, count, summary);
  // Started by another one: that one says it.
  if (process.send) {
    process.send(summary.played);
    process.disconnect();
    return 0;
  }
  say(`\n${summary.text()}`);
  if (values.write !== undefined) {
    const options = `${scenarioOption(kind)}--seeds ${count} --from ${from} --write ${values.write}`;
    const cut = summary.seeds < count ? `, interrupted after ${summary.seeds.toLocaleString("en")}` : "";
    const made = `Made by \`npm run simulate -- ${options}\`${cut}.`;
    writeSection(values.write, sectionOf(kind), `${made}\n\n${summary.text()}`);
  }
  return summary.failed.length === 0 ? 0 : 1;
}

function sectionOf({ name }: { readonly name: string }): string {
  return name === COPY.name ? "simulation" : `simulation-${name}`;
}

async function playDefects<S extends Scenario>(kind: Kind<S>, { write }: Values): Promise<number> {
  const caught = await firstCaught(kind);
  const text = caughtText(caught);
  say(text);
  const options = `${scenarioOption(kind)}--defects --write ${write}`;
  if (write !== undefined) {
    writeSection(write, `${sectionOf(kind)}-defects`, `Made by \`npm run simulate -- ${options}\`.\n\n${text}`);
  }
  return caught.every(({ seed }) => seed !== undefined) ? 0 : 1;
}

async function playHere<S extends Scenario>(
  kind: Kind<S>,
  values: Values,
  from: number,
  count: number,
  summary: Summary,
): Promise<void> {
  const defect = defectNamed(values.defect, kind.defects);
  const stride = Math.max(1, wholeNumber("stride", values.stride));
  let isInterrupted = false;
  process.on("SIGINT", () => (isInterrupted = true));
  for (let seed = from; seed < from + count && !isInterrupted; seed += stride) {
    const log = await one(kind, seed, defect, summary);
    if (values.trace && count === 1) for (const entry of log.entries) say(traceLine(entry));
    if (count === 1) say(`trace ${log.hash()}`);
  }
}

/** The seeds go round. Throws where one of them does not tell what it played. */
async function playTogether(processes: number, from: number, count: number, summary: Summary): Promise<void> {
  const children = Array.from({ length: processes }, (_, at) => {
    const mine = ["--from", `${from + at}`, "--seeds", `${count - at}`, "--stride", `${processes}`, "--processes", "1"];
    return fork(__filename, [...process.argv.slice(2), ...mine]);
  });
  process.on("SIGINT", () => children.forEach((child) => child.kill("SIGINT")));
  await Promise.all(children.map(async (child) => summary.take(await playedBy(child))));
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
