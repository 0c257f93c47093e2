import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UNKNOWN } from "../../migration/handlers/unknown";

const PROJECT = resolve(__dirname, "..", "..");
const FIXTURES = join(__dirname, "shims");
const BYTES_MAX = 2_048;
/** What each handler needs to see to refuse it: proof that it was found, loaded and called. */
const BAD_INPUT: Readonly<Record<string, string>> = {
  tableSas: "lifetimeHours", networkOpening: "ipRanges", keyRotation: "keyName", tableCopy: "deletes",
  tableVerification: "level", hostReport: "level", formerNetwork: "ipRanges", sourceFence: "mode",
  hostRun: "lastStep",
};

/** Runs shims' texts as Pulumi's provider process does, in a process and a folder of its own. */
const RUNNER = `
  const { Module } = require("node:module");
  const load = (text) => {
    const loaded = new Module("", undefined);
    loaded.paths = Module._nodeModulePaths(".");
    loaded._compile(text, "");
    return loaded.exports.handler();
  };
  const answer = async ({ text, method, args }) => {
    try {
      return { result: (await load(text)[method](...args)) ?? null };
    } catch (error) {
      return { error: error.message, code: error.code };
    }
  };
  (async () => {
    const answers = [];
    for (const call of JSON.parse(require("node:fs").readFileSync(0, "utf8"))) answers.push(await answer(call));
    console.log(JSON.stringify(answers));
  })();
`;

interface Call {
  readonly text: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly result?: Record<string, unknown> | null;
  readonly error?: string;
  readonly code?: string;
}

function run(folder: string, calls: readonly Call[]): readonly Answer[] {
  const input = JSON.stringify(calls);
  const env = { PATH: process.env.PATH, LANDBRIDGE_EMULATORS: join(folder, "no-emulators.json") };
  const output = execFileSync(process.execPath, ["-e", RUNNER], { cwd: folder, input, env, timeout: 60_000 });
  return JSON.parse(output.toString("utf8").trim().split("\n").at(-1) ?? "") as Answer[];
}

/** Another machine: a project that has the package in node_modules, as a copy, with a program in a subfolder. */
function installElsewhere(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(PROJECT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(PROJECT, "node_modules", name), join(modules, name));
  }
  for (const part of ["package.json", "tsconfig.json", "migration"]) {
    cpSync(join(PROJECT, part), join(modules, "landbridge", part), { recursive: true });
  }
  mkdirSync(join(folder, "infrastructure", "program"), { recursive: true });
}

const printed = execFileSync(process.execPath, ["--require", "tsx/cjs", join(__dirname, "printShims.ts")], {
  cwd: PROJECT, timeout: 120_000,
});
const current = JSON.parse(printed.toString("utf8")) as Record<string, string>;
const names = Object.keys(current);

describe("what Pulumi serialises of a resource", () => {
  let elsewhere: string;
  beforeAll(() => {
    elsewhere = mkdtempSync(join(tmpdir(), "landbridge-elsewhere-"));
    installElsewhere(elsewhere);
  });
  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  it("exists for every resource", () => {
    const resources = readdirSync(join(PROJECT, "migration", "resources")).map((file) => file.replace(/\.ts$/, ""));
    const others = ["index", "shim", "tableInput"];
    expect(resources.filter((name) => !others.includes(name)).sort()).toEqual([...names].sort());
  });

  it.each(names)("of %s is small, and the same on every machine: no path, no secret, nothing captured", (name) => {
    const text = current[name] ?? "";
    expect(Buffer.byteLength(text)).toBeLessThan(BYTES_MAX);
    for (const path of [PROJECT, dirname(PROJECT), homedir(), tmpdir(), "file://"]) expect(text).not.toContain(path);
    expect(text).not.toMatch(/(["'`])\/[a-z]+\//i);
    expect(text).not.toMatch(/sig=|AccountKey|secret|password|new Map|class |Symbol/i);
  });

  it.each([
    ["the project", () => PROJECT],
    ["an installation", () => elsewhere],
    ["a folder below one", () => join(elsewhere, "infrastructure", "program")],
  ])("finds every handler from %s", (_place, folder) => {
    const answers = run(folder(), names.map((name) => {
      const news = { frozen: false, [BAD_INPUT[name] ?? ""]: "nonsense" };
      return { text: current[name] ?? "", method: "check", args: [{}, news] };
    }));
    answers.forEach(({ result, error }, at) => {
      expect(error).toBeUndefined();
      const failures = (result as unknown as { failures: { property: string }[] }).failures;
      expect(failures.map(({ property }) => property)).toContain(BAD_INPUT[names[at] ?? ""]);
    });
  });

  it("names the missing file where the package is not installed", () => {
    const nowhere = mkdtempSync(join(tmpdir(), "landbridge-nowhere-"));
    const [answer] = run(nowhere, [{ text: current["keyRotation"] ?? "", method: "check", args: [{}, {}] }]);
    expect(answer?.error).toMatch(/Cannot find module '\.\/migration\/handlers\/load\.js'/);
    rmSync(nowhere, { recursive: true });
  });
});

describe("what earlier versions serialised into state", () => {
  const fixtures = readdirSync(FIXTURES).filter((file) => file.endsWith(".txt"));
  const text = (file: string) => readFileSync(join(FIXTURES, file), "utf8");
  const handlerOf = (file: string) => /-(\w+)\.txt$/.exec(file)?.[1] ?? "";
  const account = {
    kind: "emulator", subscriptionId: "s", resourceGroup: "g", account: "contosotables",
  };
  const granted = { granted: ["Cities"], policyId: "landbridge-x", purpose: "source", tables: [] };
  const rules = { ipRules: ["203.0.113.1"], ipv6Rules: [], subnetIds: [] };
  const former = { defaultAction: "Allow", rules, resourceRules: [], trusted: true };
  const state = { account, ...granted, keyName: "key2", fingerprint: "f", added: rules, former };

  it("is kept for each handler: a text that changes needs a new fixture beside the old ones", () => {
    for (const name of names) {
      const kept = fixtures.filter((file) => handlerOf(file) === name).map(text);
      // Add the new text as VERSION-NAME.txt, and never remove an old one: it is in somebody's state.
      expect(kept).toContain(current[name]);
    }
  });

  it("still deletes and reads with the handlers of today", () => {
    const calls = fixtures.flatMap((file) => ["delete", "read"].map((method) =>
      ({ text: text(file), method, args: ["id", state] })));
    const answers = run(PROJECT, calls);
    fixtures.forEach((file, at) => {
      const [deleted, read] = answers.slice(at * 2);
      if (["tableCopy", "tableVerification", "hostReport", "hostRun"].includes(handlerOf(file))) {
        expect(deleted).toEqual({ result: null });
        expect(read).toEqual({ result: { id: "id", props: state } });
      } else if (handlerOf(file) === "sourceFence") {
        // What it shut is not its own to open.
        expect([deleted, read]).toEqual([{ result: null }, expect.objectContaining({ code: "EmulatorsNotRunning" })]);
      } else {
        // No emulator runs here: that one is looked for shows that the handler took over, with the account of state.
        for (const answer of [deleted, read]) expect(answer).toMatchObject({ code: "EmulatorsNotRunning" });
      }
    });
  });

  it("reaches the handlers of today by every other method, too", () => {
    const calls = fixtures.flatMap((file) => [
      { text: text(file), method: "check", args: [{}, { frozen: true }] },
      { text: text(file), method: "diff", args: ["id", {}, { frozen: true, account: UNKNOWN }] },
      { text: text(file), method: "create", args: [{ frozen: true }] },
      { text: text(file), method: "update", args: ["id", state, { frozen: true }] },
    ]);
    run(PROJECT, calls).forEach(({ result, error, code }) => {
      // Either a result, or a refusal that only our handlers speak.
      expect(error === undefined ? result : code).toBeDefined();
      expect(code ?? "").not.toBe("MODULE_NOT_FOUND");
    });
  });
});
