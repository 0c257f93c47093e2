import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { World } from "./world";

type Entity = Readonly<Record<string, unknown>>;
type Tables = Readonly<Record<string, readonly Entity[]>>;

/** One file in cases/: what both sides hold, what is typed, and what must come of it. */
interface Case {
  readonly source?: Tables;
  readonly destination?: Tables;
  /** `{source}` stands for the source's endpoint, `same` for the source's credential, null for not set. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** Commands run first; they must succeed. */
  readonly before?: readonly (readonly string[])[];
  /** `{folder}` stands for an empty folder. */
  readonly argv: readonly string[];
  readonly exitCode: number;
  /** Regular expressions. */
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly stdoutNot?: readonly string[];
  readonly stderrNot?: readonly string[];
  /** What the destination holds afterwards. */
  readonly after?: Tables;
  /** Requests that changed something in the destination, the journal included. */
  readonly writes?: number;
  /** The same, without the journal's. */
  readonly dataWrites?: number;
  /** A path without which the case means nothing. */
  readonly needs?: string;
}

const folder = path.join(__dirname, "cases");
const cases = readdirSync(folder).sort().map((name): readonly [string, Case] => [
  path.basename(name, ".json").replaceAll("-", " "),
  JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Case,
]);

function environment(world: World, changes: Case["env"]): Record<string, string | undefined> {
  const changed = Object.entries(changes ?? {}).map(([name, text]) => {
    if (text === "same") return [name, world.connection("source")];
    return [name, text?.replace("{source}", world.endpoint("source"))];
  });
  return { ...world.env, ...(Object.fromEntries(changed) as Record<string, string | undefined>) };
}

async function prepare(world: World, one: Case): Promise<void> {
  for (const [table, rows] of Object.entries(one.source ?? {})) await world.put("source", table, rows);
  for (const [table, rows] of Object.entries(one.destination ?? {})) await world.put("destination", table, rows);
  for (const argv of one.before ?? []) expect((await world.cli(argv)).exitCode).toBe(0);
  world.service.clearLog();
}

describe("exit codes, output and effect of", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(async () => {
    await world.stop();
  });

  it.each(cases.filter(([, { needs }]) => needs === undefined || existsSync(needs)))("%s", async (_, one) => {
    await prepare(world, one);
    const argv = one.argv.map((argument) => argument.replace("{folder}", world.folder));
    const result = await world.cli(argv, { env: environment(world, one.env) });
    const shown = `exit code ${result.exitCode}\n${result.stdout}\n${result.stderr}`;
    expect(shown).toMatch(new RegExp(`^exit code ${one.exitCode}\n`));
    for (const pattern of one.stdout ?? []) expect(result.stdout).toMatch(new RegExp(pattern));
    for (const pattern of one.stderr ?? []) expect(result.stderr).toMatch(new RegExp(pattern, "m"));
    for (const pattern of one.stdoutNot ?? []) expect(result.stdout).not.toMatch(new RegExp(pattern));
    for (const pattern of one.stderrNot ?? []) expect(result.stderr).not.toMatch(new RegExp(pattern));
    // Whatever happens: no stack, and no secret.
    expect(shown).not.toMatch(/^\s+at .*:\d+:\d+/m);
    for (const key of world.keys) expect(shown).not.toContain(key);
    if (one.writes !== undefined) expect(world.writes).toBe(one.writes);
    if (one.dataWrites !== undefined) expect(world.dataWrites).toBe(one.dataWrites);
    for (const [table, rows] of Object.entries(one.after ?? {})) {
      expect(await world.rows("destination", table)).toEqual(rows);
    }
  });
});
