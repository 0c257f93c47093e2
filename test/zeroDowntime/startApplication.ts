import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { transpiled } from "../../local/transpiled";
import type { ApplicationOptions } from "./application";
import type { Place } from "./applicationLog";
import type { Answer, Order } from "./applicationProcess";

/** The application in a process of its own. Every method throws with what the application said when it failed. */
export class RunningApplication {
  private constructor(private readonly child: ChildProcess) {}

  static async start(options: ApplicationOptions): Promise<RunningApplication> {
    const child = fork(join(__dirname, "applicationProcess.ts"), [], {
      execArgv: transpiled("undici"),
    });
    const running = new RunningApplication(child);
    await running.tell({ do: "start", options });
    return running;
  }

  moveTo(place: Place): Promise<void> {
    return this.tell({ do: "move", to: place });
  }

  /** Ends it after its last change was acknowledged and logged. */
  async stop(): Promise<void> {
    await this.tell({ do: "stop" });
    this.child.disconnect();
    await once(this.child, "exit");
  }

  /** Ends it at once, where it still runs. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  private async tell(order: Order): Promise<void> {
    const ended = once(this.child, "exit").then(([code]) => {
      throw new Error(`The application ended with ${String(code)} before it answered "${order.do}".`);
    });
    const answered = once(this.child, "message").then(([answer]) => answer as Answer);
    this.child.send(order);
    const answer = await Promise.race([answered, ended]);
    ended.catch(() => undefined);
    if (!answer.ok) throw new Error(`The application failed at "${order.do}": ${answer.error}`);
  }
}
