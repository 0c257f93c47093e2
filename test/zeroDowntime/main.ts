/**
 * `npm run demo:cosmos`: Table Storage (Azurite) to Cosmos DB for Table (simulated) while an application writes. Ends
 * with an account of every row by the application's own log; exit code 1 where one is lost, stale or unexplained.
 */
import { parseArgs } from "node:util";
import { runMain, wholeNumber } from "../arguments";
import { accountLines, isWhole } from "./accountText";
import { Move } from "./move";

runMain(async () => {
  const { values } = parseArgs({ options: { rows: { type: "string" }, seed: { type: "string" } } });
  const rows = wholeNumber("rows", values.rows ?? "4000");
  const seed = wholeNumber("seed", values.seed ?? "1");
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  let step = 0;
  const heading = (text: string) => say(`\n━━ ${(step += 1)}. ${text}`);
  const result = await Move.play({ rows, seed, stepMs: 3_000, say, heading });
  heading("The account, by the application's own log");
  for (const line of accountLines(result)) say(line);
  return isWhole(result.account) ? 0 : 1;
});
