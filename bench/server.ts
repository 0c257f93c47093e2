/**
 * The simulated Table service as a process of its own: `node --require tsx/cjs bench/server.ts --rows 50000`. Two
 * accounts, source and destination, on one free port. Prints one line of JSON once it listens; runs until it is
 * interrupted, or until the process that started it goes away.
 */
import { Command } from "commander";
import { generateAccountSas, AzureNamedKeyCredential } from "@azure/data-tables";
import type { SimulatedServer } from "../test/simulated";
import { serveRaw, SimulatedTableService } from "../test/simulated";
import { compareTables } from "./compare";
import type { Answer, Ask, Seeding, ServerReady, Side } from "./protocol";
import type { Shape } from "./rows";
import { changedEntities, entities, SHAPES } from "./rows";

interface Options {
  readonly rows: string;
  readonly shape: Shape;
  readonly table: string;
  readonly latency: string;
}

const options = new Command()
  .option("--rows <n>", "rows that the source begins with", "0")
  .option("--shape <shape>", `how they are spread: ${SHAPES.join(", ")}`, "batchable")
  .option("--table <name>", "their table", "Bench")
  .option("--latency <ms>", "how long every answer takes, at least", "0")
  .parse()
  .opts<Options>();

const HOUR_MS = 3_600_000;

class BenchServer {
  /** Behind at first, so that it can go on without being further from this machine's than a run accepts. */
  private aheadMs = -8.5 * 60_000;
  private readonly service = new SimulatedTableService({
    accounts: [{ name: "source" }, { name: "destination" }],
    now: () => Date.now() + this.aheadMs,
    // Nobody reads the log, and describing requests would be this server's largest expense.
    logEntriesMax: 0,
  });
  private latencyMs = Number(options.latency);

  serve(): Promise<SimulatedServer> {
    return serveRaw(this.service, () => this.latencyMs);
  }

  sas(side: Side): string {
    const credential = new AzureNamedKeyCredential(side, this.service.account(side).keys[0]);
    return generateAccountSas(credential, {
      expiresOn: new Date(Date.now() + 24 * HOUR_MS),
      permissions: { query: true, write: true, delete: true, list: true, add: true, update: true },
    });
  }

  seed({ side, table, shape, rows }: Seeding): void {
    this.service.account(side).seedJson(table, entities(shape, 0, rows));
  }

  answer(ask: Ask): Answer {
    switch (ask.do) {
      case "seed":
        this.seed(ask);
        return {};
      case "change":
        this.service.account(ask.side).seedJson(ask.table, changedEntities(ask.shape, ask.rows, ask.changing));
        return {};
      case "reset": {
        const account = this.service.account(ask.side);
        for (const name of account.tableNames()) account.deleteTable(name, 0);
        return {};
      }
      case "latency":
        this.latencyMs = ask.ms;
        return {};
      case "later":
        this.aheadMs += ask.ms;
        return {};
      case "budget":
        this.service.setBudget(ask.budget);
        return {};
      case "usage": {
        const { user, system } = process.cpuUsage();
        return { usage: { cpuUs: user + system, seconds: this.service.budgetUsage("destination") } };
      }
      case "compare": {
        const [source, destination] = [this.service.account("source"), this.service.account("destination")];
        return { comparison: compareTables(source, destination, ask.table, ask.rows) };
      }
    }
  }
}

async function main(): Promise<void> {
  const bench = new BenchServer();
  const rows = Number(options.rows);
  if (rows > 0) bench.seed({ side: "source", table: options.table, shape: options.shape, rows });
  const server = await bench.serve();
  const [sourceSas, destinationSas] = [bench.sas("source"), bench.sas("destination")];
  const ready: ServerReady = {
    ready: true,
    port: server.port,
    source: `${server.endpoint("source")}?${sourceSas}`,
    destination: `${server.endpoint("destination")}?${destinationSas}`,
    sourceEndpoint: server.endpoint("source"),
    destinationEndpoint: server.endpoint("destination"),
    sourceSas,
    destinationSas,
  };
  const { send } = process;
  if (send === undefined) {
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    return;
  }
  process.on("message", (ask) => {
    try {
      process.send?.(bench.answer(ask as Ask));
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once("disconnect", () => process.exit(0));
  process.send?.(ready);
}

process.once("SIGINT", () => process.exit(0));
void main();
