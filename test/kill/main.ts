/**
 * `npm run kill -- [--times 50] [--seed S] [--write docs/reliability.md]`: kills `landbridge copy` at random moments
 * and runs it again from another folder. Exits 1 if a single row was lost, altered or copied in vain.
 */
import { parseArgs } from "node:util";
import { runMain, wholeNumber } from "../arguments";
import { writeSection } from "../documents";
import { killAndResume } from "./attack";
import { failuresOf, summary } from "./summary";
import { LONG } from "./tables";

const TIMES_DEFAULT = 50;

runMain(async () => {
  const { values } = parseArgs({
    options: { times: { type: "string" }, seed: { type: "string" }, write: { type: "string" } },
  });
  const times = wholeNumber("times", values.times ?? String(TIMES_DEFAULT));
  const seed = wholeNumber("seed", values.seed ?? String(Date.now() % 1_000_000));
  const results = await killAndResume({
    times, seed, sizes: LONG,
    played: (result) => {
      const moments = result.kills.map(({ phase, moment }) => `${phase}, ${moment}`).join("; then ") || "not killed";
      process.stdout.write(`${result.seed}: ${moments}: ${failuresOf([result]).length === 0 ? "equal" : "FAILED"}\n`);
    },
  });
  const text = summary(results, seed);
  const failures = failuresOf(results);
  process.stdout.write(`\n${text}\n`);
  for (const failure of failures) process.stderr.write(`FAILED (seed ${seed}): ${failure}\n`);
  if (values.write !== undefined && failures.length === 0) writeSection(values.write, "kill", text);
  return failures.length === 0 ? 0 : 1;
});
