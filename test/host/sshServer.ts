import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type AuthContext, type Connection, Server, type Session, utils } from "ssh2";

import { serveSftp } from "./sftp";

export interface KeyPair {
  readonly private: string;
  /** As in authorized_keys. */
  readonly public: string;
}

/** About one key in 400 is written by ssh2 so that it cannot read it itself: then another one is made. */
export function newKeyPair(): KeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    const read = [utils.parseKey(pair.private), utils.parseKey(pair.public)];
    if (!read.some((key) => key instanceof Error)) return pair;
  }
}

/** Whether the client holds the private half of `key`: the first time it asks, the second time it proves. */
function proves(context: AuthContext, user: string, key: string): boolean {
  const known = utils.parseKey(key);
  if (known instanceof Error || context.method !== "publickey" || context.username !== user) return false;
  if (!context.key.data.equals(known.getPublicSSH())) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return known.verify(context.blob, context.signature, context.hashAlgo) === true;
}

/**
 * A real SSH server on loopback: commands run in a shell in a home of their own, files come over SFTP, and connections
 * are passed on where it is a jump host. It writes down what an attacker on the host could see.
 */
export class SshServer {
  /** Every command line that was to be run, as it came. */
  readonly commands: string[] = [];
  /** Names of environment variables that clients asked for. */
  readonly variables: string[] = [];
  /** `host:port` of every connection that was passed on. */
  readonly forwarded: string[] = [];
  /** Sign-ins that were refused. */
  refused = 0;
  readonly home = mkdtempSync(join(tmpdir(), "landbridge-host-"));
  private readonly keys = newKeyPair();
  private readonly server: Server;
  private readonly running = new Set<ChildProcess>();
  private readonly connections = new Set<Connection>();

  private constructor(
    private readonly user: string,
    private readonly clientKey: string,
    private readonly isJump: boolean,
  ) {
    this.server = new Server({ hostKeys: [this.keys.private] }, (client) => this.accept(client));
  }

  static async open(user: string, clientKey: string, kind: "host" | "jump"): Promise<SshServer> {
    const made = new SshServer(user, clientKey, kind === "jump");
    await new Promise<void>((resolve) => made.server.listen(0, "127.0.0.1", () => resolve()));
    return made;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get hostKey(): string {
    return this.keys.public;
  }

  /** Waits until no command runs any more: a client may be gone before its command is. */
  async quiet(): Promise<void> {
    await Promise.all([...this.running].map((child) => new Promise((resolve) => child.once("close", resolve))));
  }

  /** The network is gone: connections break, and what runs on the host is told nothing of it. */
  cutOff(): void {
    for (const connection of this.connections) connection.end();
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.end();
    for (const child of this.running) child.kill("SIGKILL");
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    rmSync(this.home, { recursive: true, force: true });
  }

  private accept(client: Connection): void {
    this.connections.add(client);
    // A client that hangs up is no failure of the server's.
    client.on("error", () => this.connections.delete(client));
    client.on("close", () => this.connections.delete(client));
    client.on("authentication", (context) => {
      if (proves(context, this.user, this.clientKey)) return context.accept();
      if (context.method === "publickey") this.refused += 1;
      return context.reject(["publickey"]);
    });
    client.on("ready", () => {
      client.on("session", (accept) => this.serve(accept()));
      client.on("tcpip", (accept, reject, { destIP, destPort }) => {
        if (!this.isJump) return reject();
        this.forwarded.push(`${destIP}:${destPort}`);
        const channel = accept();
        const socket = connect(destPort, destIP);
        socket.on("error", () => channel.close());
        channel.on("error", () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
    });
  }

  private serve(session: Session): void {
    session.on("env", (accept, _reject, { key }) => {
      this.variables.push(key);
      accept?.();
    });
    session.on("sftp", (accept) => serveSftp(accept(), this.home));
    session.on("exec", (accept, reject, { command }) => {
      if (this.isJump) return reject();
      this.commands.push(command);
      const channel = accept();
      const environment = { HOME: this.home, PATH: process.env["PATH"], TMPDIR: this.scratch() };
      const child = spawn("/bin/sh", ["-c", command], { cwd: this.home, env: environment });
      this.running.add(child);
      channel.pipe(child.stdin);
      // A command that reads no input closes it before all has come.
      child.stdin.on("error", () => undefined);
      child.stdout.pipe(channel, { end: false });
      child.stderr.pipe(channel.stderr, { end: false });
      child.once("close", (code, signal) => {
        this.running.delete(child);
        if (signal === null) channel.exit(code ?? 255);
        else channel.exit(signal);
        channel.end();
      });
    });
  }

  private scratch(): string {
    const folder = join(this.home, "tmp");
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}
