import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { join } from "node:path";
import type { Answer, Ask, Comparison, Seeding, ServerReady, Usage } from "./protocol";

/** Seeding a million rows is the longest thing that is asked. */
const ANSWER_MS_MAX = 120_000;

/** The bench's server, in a process of its own. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly place: ServerReady,
  ) {}

  static async start(): Promise<ServerProcess> {
    const child = fork(join(__dirname, "server.ts"), [], { execArgv: ["--require", require.resolve("tsx/cjs")] });
    const ready = await message<ServerReady>(child);
    return new ServerProcess(child, ready);
  }

  seed(seeding: Seeding): Promise<unknown> {
    return this.ask({ do: "seed", ...seeding });
  }

  /** CPU of the server so far, and what its budget admitted. */
  async usage(): Promise<Usage> {
    const { usage } = await this.ask({ do: "usage" });
    if (usage === undefined) throw new Error("The bench's server did not tell its usage.");
    return usage;
  }

  async compare(table: string, rows: number): Promise<Comparison> {
    const { comparison } = await this.ask({ do: "compare", table, rows });
    if (comparison === undefined) throw new Error(`The bench's server did not compare ${table}.`);
    return comparison;
  }

  async ask(ask: Ask): Promise<Answer> {
    const answered = message<Answer>(this.child);
    this.child.send(ask);
    const answer = await answered;
    if (answer.error !== undefined) throw new Error(`The bench's server could not ${ask.do}: ${answer.error}`);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    // 'exit', since 'close' is never told of a process whose channel was closed from this side.
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }
}

/** The next message of the server; rejects where it goes away or takes too long. */
function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const silent = () => reject(new Error(`The bench's server did not answer within ${ANSWER_MS_MAX} ms.`));
    const timer = setTimeout(() => settle(silent), ANSWER_MS_MAX);
    const onMessage = (value: unknown) => settle(() => resolve(value as T));
    const onExit = (code: number | null) => settle(() => reject(new Error(`The bench's server ended with ${code}.`)));
    const settle = (then: () => void) => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      then();
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
  });
}
