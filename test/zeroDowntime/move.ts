import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Finished } from "../e2e/service";
import { type Account, accountFor } from "./account";
import { readLog } from "./applicationLog";
import { RunningApplication } from "./startApplication";
import { World } from "./world";

const TABLE = "Orders";
const PARTITIONS = 20;

export interface MoveOptions {
  /** Rows before anything begins. */
  readonly rows: number;
  /** How long the application writes between two steps. */
  readonly stepMs: number;
  readonly seed: number;
  readonly heading: (text: string) => void;
  readonly say: (text: string) => void;
}

/** How the move ended. */
export interface MoveResult {
  readonly account: Account;
  /** Changes that the application's processes were acknowledged. */
  readonly changes: number;
  /** Conflicts that were reported when nobody had decided on them yet. */
  readonly conflicts: number;
  /** The first run was killed in the middle. */
  readonly killed: boolean;
}

/** One move from beginning to end; every step that does not end as it should throws, with what landbridge said. */
export class Move {
  private readonly logFiles: string[] = [];
  private readonly applications: RunningApplication[] = [];

  private constructor(
    private readonly world: World,
    private readonly options: MoveOptions,
  ) {}

  static async play(options: MoveOptions): Promise<MoveResult> {
    const world = await World.open(TABLE);
    const move = new Move(world, options);
    try {
      return await move.play();
    } finally {
      move.applications.forEach((application) => application.kill());
      await world.close();
    }
  }

  private async play(): Promise<MoveResult> {
    const { world, options: { rows, stepMs, heading, say } } = this;
    heading("An application keeps orders in Table Storage, and goes on doing so");
    const loaded = await world.load(rows, PARTITIONS);
    const application = await this.startApplication("app", 1, 15);
    say(`${loaded.size} orders are there; about 40 changes a second are made from now on.`);
    const killed = await this.firstCopy();
    heading("sync: what changed meanwhile");
    await sleep(stepMs);
    await this.sync(["--phase", "sync"], 0);
    heading("switched: the last pass over both sides, and a record of every row as it was left");
    await this.sync(["--phase", "switched"], 0);
    heading("The application moves by a change of its configuration; an instance that was forgotten does not");
    await sleep(stepMs / 4);
    await application.moveTo("destination");
    const straggler = await this.startApplication("straggler", 2, 25);
    await sleep(stepMs);
    const conflicts = await this.lateChanges(straggler);
    heading("drained: the source is shown quiet, and every row that did not change since the switch is compared");
    const drain = ["--phase", "drained", "--quiet-minutes", "0.05", "--late-conflicts", "destination-wins"];
    // A deletion leaves no trace: two looks at everything, so far apart, show that there was none.
    await this.sync(drain, 3);
    await sleep(4_500);
    await this.sync(drain, 0);
    heading("done: the application goes on");
    await this.sync(["--phase", "done"], 0);
    await sleep(stepMs / 4);
    await application.stop();
    const logs = this.logFiles.map(readLog);
    const account = accountFor({ loaded, logs, destination: await world.rows("destination") });
    return { account, changes: logs.reduce((sum, log) => sum + log.length, 0), conflicts, killed };
  }

  /** Late changes: applied where nothing newer can be overwritten, reported where it could, then decided on. */
  private async lateChanges(straggler: RunningApplication): Promise<number> {
    const { heading, say, stepMs } = { ...this.options };
    heading("switched, again: late changes of the source, while both write");
    await this.sync(["--phase", "switched", "--report", "late.json"], 0, 1);
    await sleep(stepMs);
    await straggler.stop();
    say("The forgotten instance has been ended.");
    await this.sync(["--phase", "switched", "--report", "late.json"], 0, 1);
    const conflicts = this.conflictsIn("late.json");
    heading(`switched: ${conflicts} conflicts, and who wins is decided: the destination`);
    await this.sync(["--phase", "switched", "--late-conflicts", "destination-wins"], 0);
    return conflicts;
  }

  /** The first copy, killed when a part of it is there; the same command goes on. */
  private async firstCopy(): Promise<boolean> {
    const { world, options: { heading, say, rows } } = this;
    heading("sync: the first copy, killed on the way");
    const started = world.start(["sync", "--tables", TABLE, "--deletes", "propagate", "--phase", "sync"]);
    let over = false;
    void started.finished.then(() => (over = true));
    let copied = 0;
    while (!over && copied < rows / 5) {
      await sleep(5);
      copied = world.copied();
    }
    started.child.kill("SIGKILL");
    const { killed } = await started.finished;
    if (!killed) throw new Error(`The first copy was over before it could be killed: load more than ${rows} rows.`);
    say(`Killed by SIGKILL when ${copied} rows were there. The same command again:`);
    await this.sync(["--phase", "sync"], 0);
    return killed;
  }

  private async startApplication(name: string, seed: number, pauseMs: number): Promise<RunningApplication> {
    const { world, options } = this;
    const logFile = join(world.folder, `${name}.jsonl`);
    this.logFiles.push(logFile);
    const application = await RunningApplication.start({
      table: TABLE, places: world.places, place: "source", name, rows: options.rows, partitions: PARTITIONS,
      pauseMs, seed: options.seed * 1_000 + seed, logFile,
    });
    this.applications.push(application);
    return application;
  }

  private async sync(args: readonly string[], ...codes: readonly number[]): Promise<Finished> {
    const all = ["sync", "--tables", TABLE, "--deletes", "propagate", ...args];
    this.options.say(`$ landbridge ${all.join(" ")}`);
    const finished = await this.world.run(all);
    for (const line of finished.stdout.trimEnd().split("\n")) this.options.say(`  ${line}`);
    if (codes.includes(finished.code ?? -1)) return finished;
    throw new Error(
      `landbridge ${all.join(" ")} ended with ${finished.code}, not ${codes.join(" or ")}.\n${finished.stderr}`,
    );
  }

  private conflictsIn(file: string): number {
    const report = JSON.parse(readFileSync(join(this.world.folder, file), "utf8")) as {
      readonly tables: readonly { readonly sync?: { readonly lateConflicts: number } }[];
    };
    return report.tables.reduce((sum, { sync }) => sum + (sync?.lateConflicts ?? 0), 0);
  }
}
