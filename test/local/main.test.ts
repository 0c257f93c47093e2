import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

jest.setTimeout(180_000);

const ROOT = resolve(__dirname, "../..");

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

describe("the commands of local/", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-local-"));
  const scenario = join(folder, "scenario.json");
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (file: string, args: readonly string[], environment: NodeJS.ProcessEnv) => {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", resolve(ROOT, file), ...args], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    const ended = new Promise<Ended>((settle) => child.once("close", (code) => settle({ code, text })));
    return { child, ended, seen: () => text };
  };
  const local = async (...args: readonly string[]): Promise<Ended> => {
    const project = join(ROOT, "test/local/engine/project");
    const where = ["--stack", "secure", "--project", project, "--state", join(folder, "state.json")];
    const log = join(folder, "log");
    const environment = { PULUMI_CONFIG_PASSPHRASE: "correct horse", SCENARIO: scenario, THINGS_LOG: log };
    return await start("local/main.ts", [...args, ...where], environment).ended;
  };

  it("run the program, say who they are, show no secret unless asked, and exit as the run ended", async () => {
    const declare = (size: number): void => {
      const thing = { name: "one", inputs: { size }, secret: "not-to-be-seen" };
      writeFileSync(scenario, JSON.stringify({ things: [thing] }));
    };
    declare(1);
    const up = await local("up");
    expect(up.code).toBe(0);
    expect(up.text).toContain("This is landbridge's local engine, not the Pulumi CLI.");
    expect(up.text).toMatch(/^ \+ pulumi-nodejs:dynamic\/test:Thing {2}one {2}created/m);
    expect(up.text).toContain("    password: [secret]\n");
    expect(up.text).toContain("    + 2 created\n");
    declare(2);
    const preview = await local("preview");
    expect(preview.text).toMatch(/^ ~ pulumi-nodejs:dynamic\/test:Thing {2}one {2}update\n {6}~ size: 1 => 2$/m);
    expect(preview.text).toMatch(/ {4}~ 1 to update\n {4}1 unchanged/);
    const output = await local("output", "--json");
    expect(JSON.parse(output.text)).toMatchObject({ greeting: "hello", password: "[secret]" });
    const exported = await local("export");
    const said = [up, preview, output, exported].map(({ text }) => text).join("\n");
    expect(said).not.toMatch(/not-to-be-seen|opened-with-the-passphrase/);
    expect((await local("output", "--show-secrets")).text).toContain('password: "opened-with-the-passphrase"');
    writeFileSync(scenario, JSON.stringify({ things: [], throws: "wrong configuration" }));
    const failed = await local("up");
    expect(failed.code).toBe(1);
    expect(failed.text).toContain("error: wrong configuration");
  });

  it("refuse to run without a passphrase, and say how to give one", async () => {
    const environment = { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: undefined };
    const { code, text } = await start("local/main.ts", ["preview"], environment).ended;
    expect(code).toBe(1);
    expect(text).toContain("set PULUMI_CONFIG_PASSPHRASE");
  });

  it("keep emulators running until Ctrl-C, and leave nothing behind but the data", async () => {
    const file = join(folder, "emulators.json");
    const data = join(folder, "data");
    const { child, ended, seen } = start("local/emulators/main.ts", [data], { LANDBRIDGE_EMULATORS: file });
    while (!seen().includes("Ctrl-C stops them")) await new Promise((wait) => setTimeout(wait, 50));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    type Whereabouts = { readonly accounts: Readonly<Record<string, { readonly tableEndpoint: string }>> };
    const { accounts } = JSON.parse(readFileSync(file, "utf8")) as Whereabouts;
    const endpoint = accounts.contosotables?.tableEndpoint ?? "";
    expect((await fetch(endpoint)).status).toBeGreaterThanOrEqual(400);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(existsSync(file)).toBe(false);
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(existsSync(join(data, "management.json"))).toBe(true);
  });

  it("stop the demo when they are told to, without calling that a failure", async () => {
    const demo = start("local/demo/main.ts", ["--engine", "local"], {});
    const preview = new Promise<void>((seen) => {
      demo.child.stdout.on("data", () => {
        if (demo.seen().includes("pulumi preview:")) seen();
      });
    });
    await Promise.race([preview, demo.ended]);
    demo.child.kill("SIGINT");
    const { code, text } = await demo.ended;
    expect(text).toMatch(/\nStopped\.\n$/);
    expect(text).not.toContain("The demo failed");
    expect(code).toBe(130);
  });
});
