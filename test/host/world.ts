import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument } from "yaml";

import type { StackRun } from "../../local/stack";
import { ProgramWorld } from "../e2e/program";
import { type KeyPair, newKeyPair, SshServer } from "./sshServer";

/** The engine hides what a connection holds wherever it is printed: no word of ours. */
const USER = "mover";

/** A stack with its emulators, whose copy runs on a host behind a jump host; both are real SSH servers on loopback. */
export class HostWorld {
  private asked = 0;

  private constructor(
    readonly program: ProgramWorld,
    readonly host: SshServer,
    readonly jump: SshServer,
    private readonly key: KeyPair,
    private settings: Readonly<Record<string, unknown>>,
  ) {}

  static async open(): Promise<HostWorld> {
    const program = await ProgramWorld.open("local");
    const key = newKeyPair();
    const host = await SshServer.open(USER, key.public, "host");
    const jump = await SshServer.open(USER, key.public, "jump");
    const place = (server: SshServer) =>
      ({ address: "127.0.0.1", port: server.port, user: USER, hostKey: server.hostKey.trim() });
    const world = new HostWorld(program, host, jump, key, { kind: "ssh", ...place(host), jump: place(jump) });
    world.configureHost({});
    program.configure("runOn", "host");
    program.configure("deletes", "report");
    program.configureSecret("hostPrivateKey", key.private);
    return world;
  }

  configureHost(changes: Readonly<Record<string, unknown>>): void {
    this.settings = { ...this.settings, ...changes };
    this.program.configure("host", this.settings);
  }

  /** As `pulumi up --config landbridge:verifyAgain=TEXT` does, each time with another text. */
  askAgain(): void {
    this.asked += 1;
    const file = join(this.program.folder, "Pulumi.dev.yaml");
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(["config", "landbridge:verifyAgain"], `ask ${this.asked}`);
    writeFileSync(file, document.toString());
  }

  /** From now on the stack expects a key that is not the server's, until what is returned is called. */
  expectAnotherKeyOf(which: "host" | "jump"): () => void {
    const hostKey = newKeyPair().public.trim();
    const before = this.settings;
    this.configureHost(which === "host" ? { hostKey } : { jump: { ...(before["jump"] as object), hostKey } });
    return () => this.configureHost(before);
  }

  /** Lines of the private key, without its frame. */
  privateKeyLines(): readonly string[] {
    return this.key.private.split("\n").filter((line) => line.length > 40);
  }

  /** Somebody on the host puts a program of their own into the bundle, at its old length. */
  tamperWithTheBundle(): void {
    const folder = join(this.host.home, "landbridge-landbridge-dev");
    const name = readdirSync(folder).find((file) => file.endsWith(".tar")) ?? "";
    const bytes = readFileSync(join(folder, name));
    const evil = 'require("fs").writeFileSync("tampered","");//';
    bytes.write(evil, 512);
    writeFileSync(join(folder, name), bytes);
  }

  makeFolderOnTheHost(name: string): void {
    mkdirSync(join(this.host.home, name));
    writeFileSync(join(this.host.home, name, "precious.txt"), "keep me");
  }

  filesIn(name: string): readonly string[] {
    return readdirSync(join(this.host.home, name));
  }

  everyFileOnTheHost(): string {
    const entries = readdirSync(this.host.home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
  }

  /** A run that had to succeed and did not shows all it printed. */
  async succeeded(run: Promise<StackRun>): Promise<StackRun> {
    const result = await run;
    if (!result.ok) throw new Error(`The run failed:\n${result.text}`);
    return result;
  }

  async close(): Promise<void> {
    await this.program.close();
    await this.jump.close();
    await this.host.close();
  }
}
