import { execFileSync } from "node:child_process";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { command } from "../../../local/providers/command";
import { exec, type SshConnection, withSsh } from "../../../local/providers/ssh";
import { newKeyPair, SshServer } from "../../host/sshServer";

jest.setTimeout(60_000);

const KEY = newKeyPair();
const URN = "urn:pulumi:dev::landbridge::command:remote:Command::run";

let host: SshServer;
beforeAll(async () => void (host = await SshServer.open("mover", KEY.public, "host")));
afterAll(() => host.close());

function to(port: number): SshConnection {
  return { host: "127.0.0.1", port, user: "mover", hostKey: host.hostKey.trim(), privateKey: KEY.private };
}

/** What a Command prints, or what it fails with. */
async function run(connection: SshConnection, create: string): Promise<string> {
  const { outs } = await command().create(URN, { connection, create, logging: "none" });
  return String((outs as { stdout?: unknown }).stdout);
}

async function listening(onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

describe("a command over SSH", () => {
  it("is read as it was printed where a character comes in two packets", async () => {
    const told: string[] = [];
    const split = String.raw`printf 'M\303'; sleep 0.3; printf '\274nchen'; printf 'M\303' >&2; sleep 0.3; `
      + String.raw`printf '\274nchen' >&2; printf '\303'`;
    const outcome = await withSsh(to(host.port), (client) => exec(client, split, undefined, {
      stdout: (text) => told.push(text),
      stderr: (text) => told.push(text),
    }));
    // The last byte is the beginning of a character that never came.
    expect(outcome).toMatchObject({ exitCode: 0, signal: undefined, stdout: "München\uFFFD", stderr: "München" });
    expect(told.join("")).not.toMatch(/\uFFFD./);
  });

  it("fails with its status, or with the signal that ended it", async () => {
    const failed = run(to(host.port), "echo told; exit 3");
    await expect(failed).rejects.toThrow(/^Process exited with status 3: running.*told/s);
    const killed = run(to(host.port), "kill -KILL $$");
    await expect(killed).rejects.toThrow(/^Process exited with signal SIGKILL: running/);
  });

  it("is not said to have ended where the connection is lost in mid-run", async () => {
    const sockets: Socket[] = [];
    const wire = await listening((socket) => {
      const on = connect(host.port, "127.0.0.1");
      on.on("error", () => socket.destroy());
      sockets.push(socket, on);
      socket.pipe(on).pipe(socket);
    });
    const printed: string[] = [];
    const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
    const connection = to(portOf(wire));
    const running = command().create(URN, { connection, create: "echo begun; sleep 3" });
    const failed = expect(running).rejects
      .toThrow(/^The connection to 127\.0\.0\.1 was lost; nothing is known of the command's end: running/);
    while (!printed.includes("begun\n")) await new Promise((resolve) => setTimeout(resolve, 20));
    write.mockRestore();
    for (const socket of sockets) socket.destroy();
    await failed;
    await closed(wire);
    await host.quiet();
  });
});

describe("a server that signs nobody in", () => {
  it("is told of where it closes after its header", async () => {
    const server = await listening((socket) => socket.resume().end("SSH-2.0-landbridge\r\n"));
    await expect(run({ ...to(portOf(server)), dialErrorLimit: 1 }, "true")).rejects
      .toThrow(new RegExp(`ssh: 127.0.0.1:${portOf(server)}: closed before sign-in`));
    await closed(server);
  });

  it("ends no process of ours where a second thing goes wrong after the first: an agent, then signing in", async () => {
    const { hostKey = "", port = 0 } = to(host.port);
    const keyless = { host: "127.0.0.1", port, user: "mover", hostKey };
    const failed = run({ ...keyless, agentSocketPath: join(host.home, "no-agent"), dialErrorLimit: 2 }, "true");
    await expect(failed).rejects.toThrow(/after 2 failed attempts: ssh: 127\.0\.0\.1:\d+: /);
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
});

describe("the local engine", () => {
  it("loads no SSH before a host is reached: its library is there for those who develop only", () => {
    const program = `require(${JSON.stringify(join(__dirname, "../../../local/engine/providerRegistry.ts"))});`
      + "process.stdout.write(String(Object.keys(require.cache).some((file) => /node_modules.ssh2/.test(file))));";
    const args = ["--require", require.resolve("tsx/cjs"), "-e", program];
    expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("false");
  });

  it("says what is missing where the library is not installed", async () => {
    jest.resetModules();
    jest.doMock("ssh2", () => {
      throw Object.assign(new Error("Cannot find module 'ssh2'"), { code: "MODULE_NOT_FOUND" });
    });
    const fresh = jest.requireActual<{ command: typeof command }>("../../../local/providers/command");
    const creating = fresh.command().create(URN, { connection: to(1), create: "true" });
    await expect(creating).rejects.toThrow(/the package ssh2 is not installed\. Run `npm ci`/);
    jest.dontMock("ssh2");
  });
});
