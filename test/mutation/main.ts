/**
 * `npm run mutate -- [--mutations 10000] [--seed S] [--write docs/reliability.md]`: attacks verification with seeded
 * mutations and says what it found. Exits 1 if a single one was missed, misplaced or made up.
 */
import { parseArgs } from "node:util";
import { runMain, wholeNumber } from "../arguments";
import { writeSection } from "../documents";
import { attack, failuresOf } from "./attack";
import { summary } from "./summary";

const MUTATIONS_DEFAULT = 10_000;

runMain(async () => {
  const { values } = parseArgs({
    options: { mutations: { type: "string" }, seed: { type: "string" }, write: { type: "string" } },
  });
  const mutations = wholeNumber("mutations", values.mutations ?? String(MUTATIONS_DEFAULT));
  const seed = wholeNumber("seed", values.seed ?? String(Date.now() % 1_000_000));
  const tenth = Math.ceil(mutations / 10);
  const result = await attack({ seed, mutations, respellings: tenth, rounds: Math.ceil(tenth / 2), cheaper: tenth });
  const text = summary(result);
  const failures = failuresOf(result);
  process.stdout.write(`${text}\n\n${(result.durationMs / 1_000).toFixed(1)} s\n`);
  for (const failure of failures) process.stderr.write(`FAILED (seed ${seed}): ${failure}\n`);
  if (values.write !== undefined && failures.length === 0) writeSection(values.write, "mutation", text);
  return failures.length === 0 ? 0 : 1;
});
