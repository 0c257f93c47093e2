import { fork, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { transpiled } from "../transpiled";
import type { AzuriteAnswer, AzuriteOrder } from "./azuriteProtocol";
import type { AccountKeys, TableService } from "./tableService";

export interface AzuriteAccount {
  readonly name: string;
  /** Both keys, base64, as Azure's accounts have them. */
  readonly keys: AccountKeys;
}

export interface AzuriteOptions {
  readonly accounts: readonly AzuriteAccount[];
  /** Where the data lives; made if absent. Started again on the same folder, the data is there again. */
  readonly folder: string;
  /** A loopback port; left out or 0, a free one. */
  readonly port?: number;
  /** Where to write, a line of JSON each, what is asked of it; nothing secret is in it. */
  readonly callsFile?: string;
}

/** One whose `stop` saves what is not on disk yet. */
export interface Azurite extends TableService {
  readonly port: number;
}

const START_MS_MAX = 60_000;
const ANSWER_MS_MAX = 10_000;
const STOP_MS_MAX = 20_000;

function accountsText(accounts: ReadonlyMap<string, AccountKeys>): string {
  return [...accounts].map(([name, [key1, key2]]) => `${name}:${key1}:${key2}`).join(";");
}

function checkAccount({ name, keys }: AzuriteAccount): void {
  if (!/^[a-z0-9]{3,24}$/.test(name)) {
    throw new Error(`Account name "${name}" is not 3 to 24 lower-case letters and digits.`);
  }
  // Never show a key, not even a malformed one.
  if (!keys.every((key) => /^[A-Za-z0-9+/]+={0,2}$/.test(key))) {
    throw new Error(`A key of account "${name}" is not base64.`);
  }
}

/** Sends one order and waits for its answer. Orders go one at a time. */
function ask(child: ChildProcess, order: AzuriteOrder, msMax: number): Promise<AzuriteAnswer> {
  return new Promise((settle, refuse) => {
    const done = (finish: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      finish();
    };
    const onMessage = (message: unknown): void => done(() => settle(message as AzuriteAnswer));
    const onExit = (code: number | null): void =>
      done(() => refuse(new Error(`Azurite ended (exit code ${code ?? "none"}) before it answered "${order.kind}".`)));
    const timer = setTimeout(
      () => done(() => refuse(new Error(`Azurite did not answer "${order.kind}" within ${msMax / 1000} s.`))),
      msMax,
    );
    child.on("message", onMessage).on("exit", onExit);
    child.send(order, (error) => {
      if (error) done(() => refuse(error));
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((settle) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    child.once("exit", () => {
      clearTimeout(timer);
      settle();
    });
    // A channel that is closed already makes the process stop by itself.
    if (child.connected) child.send({ kind: "stop" } satisfies AzuriteOrder, () => undefined);
  });
}

/**
 * Starts Azurite's table service on loopback, one instance per organisation, and resolves when it answers.
 * The process ends with its parent, however the parent ends.
 */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  options.accounts.forEach(checkAccount);
  const accounts = new Map(options.accounts.map(({ name, keys }) => [name, keys]));
  const child = fork(resolve(__dirname, "azuriteProcess.ts"), [], {
    execArgv: transpiled("azurite/dist/src/table/TableServer"),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = (order: () => Promise<AzuriteAnswer>): Promise<AzuriteAnswer> => {
    const turn = queue.then(order, order);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const start: AzuriteOrder = {
    kind: "start", accounts: accountsText(accounts), folder: resolve(options.folder), port: options.port ?? 0,
    ...(options.callsFile === undefined ? {} : { callsFile: resolve(options.callsFile) }),
  };
  const started = await inTurn(() => ask(child, start, START_MS_MAX)).catch(async (error: unknown) => {
    await end(child);
    throw error;
  });
  if (started.kind !== "started") {
    await end(child);
    throw new Error(`Azurite did not start: ${started.kind === "failed" ? started.message : started.kind}.`);
  }
  const { port } = started;
  const known = (account: string): string => {
    if (accounts.has(account)) return account;
    throw new Error(`There is no account "${account}" here, only ${[...accounts.keys()].join(", ")}.`);
  };
  return {
    port,
    endpoint: (account) => `http://127.0.0.1:${port}/${known(account)}`,
    setKeys: async (account, keys) => {
      checkAccount({ name: known(account), keys });
      accounts.set(account, keys);
      const order: AzuriteOrder = { kind: "accounts", accounts: accountsText(accounts) };
      const answer = await inTurn(() => ask(child, order, ANSWER_MS_MAX));
      if (answer.kind === "failed") throw new Error(`Azurite refused new keys of "${account}": ${answer.message}.`);
    },
    stop: () => end(child),
  };
}
