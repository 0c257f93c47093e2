import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientChannel, ConnectConfig, ServerHostKeyAlgorithm, SFTPWrapper } from "ssh2";

/** One hop, as the inputs of Pulumi's `command` provider have it. */
interface SshHop {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly hostKey?: string;
  readonly privateKey?: string;
  readonly password?: string;
  readonly agentSocketPath?: string;
  readonly dialErrorLimit?: number;
  /** Seconds. */
  readonly perDialTimeout?: number;
}

export interface SshConnection extends SshHop {
  readonly proxy?: SshHop;
}

/** What a command printed, and how it ended. */
export interface SshOutcome {
  /** Absent where a signal ended it, and where the connection was lost. */
  readonly exitCode: number | undefined;
  /** Such as `SIGKILL`; absent where none ended it. Without a code and without a signal nothing is known of its end. */
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const DIALS_DEFAULT = 10;
const DIAL_SECONDS_DEFAULT = 15;
/** Before the second dial; each one after it waits twice as long. */
const PAUSE_MS = 200;

/** The one key that is right, as the provider has it: of its kind, and byte for byte. */
function hostCheck(hostKey: string | undefined): ConnectConfig {
  if (hostKey === undefined) return {};
  const [kind = "", blob = ""] = hostKey.trim().split(/\s+/);
  const expected = Buffer.from(blob, "base64");
  return {
    hostVerifier: (key: Buffer) => expected.equals(key),
    algorithms: { serverHostKey: [kind as ServerHostKeyAlgorithm] },
  };
}

function signIn({ privateKey, password, agentSocketPath }: SshHop): ConnectConfig {
  const agent = agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
  return {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(password === undefined ? {} : { password }),
    ...(agent === undefined || agent === "" ? {} : { agent }),
  };
}

/** Loaded by who needs it: it takes half a second, and is there for those who develop only. */
async function loadClient(): Promise<typeof Client> {
  try {
    return (await import("ssh2")).Client;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    const remedy = "Run `npm ci` (without --omit=dev), or use the Pulumi CLI.";
    throw new Error(`The local engine cannot reach a host: the package ssh2 is not installed. ${remedy}`, { cause });
  }
}

async function dialOnce(make: typeof Client, hop: SshHop, sock: ClientChannel | undefined): Promise<Client> {
  const client = new make();
  return await new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new Error(`ssh: ${hop.host}:${hop.port ?? 22}: ${why}`));
      client.end();
    };
    client.once("ready", () => resolve(client));
    // For good: whatever is told once it failed, or is signed in, must not end the process.
    client.on("error", (error) => fail(error.message));
    client.once("close", () => fail("closed before sign-in"));
    client.connect({
      host: hop.host,
      port: hop.port ?? 22,
      username: hop.user ?? "root",
      readyTimeout: (hop.perDialTimeout ?? DIAL_SECONDS_DEFAULT) * 1_000,
      ...hostCheck(hop.hostKey),
      ...signIn(hop),
      ...(sock === undefined ? {} : { sock }),
    });
  });
}

async function dial(make: typeof Client, hop: SshHop, through?: Client): Promise<Client> {
  const limit = hop.dialErrorLimit ?? DIALS_DEFAULT;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dialOnce(make, hop, through && (await forward(through, hop)));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      if (attempt >= limit) throw new Error(`after ${attempt} failed attempts: ${why}`, { cause });
      await sleep(PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

function forward(client: Client, { host, port }: SshHop): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut("127.0.0.1", 0, host, port ?? 22, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Connects, through the proxy where there is one, and closes everything after `work`. */
export async function withSsh<T>(connection: SshConnection, work: (client: Client) => Promise<T>): Promise<T> {
  const { proxy } = connection;
  const make = await loadClient();
  const jump = proxy === undefined ? undefined : await dial(make, proxy).catch((cause: unknown) => {
    throw new Error(`proxy: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  let client: Client | undefined;
  try {
    client = await dial(make, connection, jump);
    return await work(client);
  } finally {
    client?.end();
    jump?.end();
  }
}

/** Runs a command to its end. `log` gets lines as they come, of the streams that are asked for. */
export function exec(
  client: Client,
  command: string,
  stdin: string | undefined,
  log: Readonly<Record<"stdout" | "stderr", (text: string) => void>>,
): Promise<SshOutcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      const printed = { stdout: "", stderr: "" };
      let ended: Pick<SshOutcome, "exitCode" | "signal"> = { exitCode: undefined, signal: undefined };
      // A character may come in two packets.
      const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
      const print = (name: "stdout" | "stderr", text: string): void => {
        if (text === "") return;
        printed[name] += text;
        log[name](text);
      };
      const take = (name: "stdout" | "stderr") => (chunk: Buffer) => print(name, decoders[name].write(chunk));
      channel.on("data", take("stdout"));
      channel.stderr.on("data", take("stderr"));
      channel.on("exit", (code: number | null, signal?: string) => {
        ended = { exitCode: code ?? undefined, signal };
      });
      channel.on("close", () => {
        for (const name of ["stdout", "stderr"] as const) print(name, decoders[name].end());
        resolve({ ...ended, ...printed });
      });
      channel.end(stdin ?? "");
    });
  });
}

function sftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, session) => (error ? reject(error) : resolve(session)));
  });
}

function isThere(session: SFTPWrapper, path: string): Promise<boolean> {
  return new Promise((resolve) => session.stat(path, (error) => resolve(error === undefined || error === null)));
}

function makeFolder(session: SFTPWrapper, path: string): Promise<void> {
  return new Promise((resolve, reject) => session.mkdir(path, (error) => (error ? reject(error) : resolve())));
}

/** Copies a file; folders on the way to it are made. */
export async function upload(client: Client, localPath: string, remotePath: string): Promise<void> {
  const session = await sftp(client);
  const folders = remotePath.split("/").slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth += 1) {
    const folder = folders.slice(0, depth).join("/");
    if (folder !== "" && !(await isThere(session, folder))) await makeFolder(session, folder);
  }
  await new Promise<void>((resolve, reject) => {
    session.fastPut(localPath, remotePath, (error) => (error ? reject(error) : resolve()));
  });
}
