import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { AzureNamedKeyCredential, generateAccountSas, generateTableSas } from "@azure/data-tables";

import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Report } from "../../migration/report/schema";
import { DIGEST_VERSION } from "../../migration/stores/azureTables/digest";
import { cities, runCli, World } from "./world";

const bin = path.join(__dirname, "..", "..", "bin", "landbridge.js");

const jsonLines = (text: string) =>
  text.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a run from the command line", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
    await world.put("source", "Cities", cities(25));
  });
  afterEach(async () => {
    await world.stop();
  });

  it("takes both credentials from standard input, and leaves the proof to a verify where it is told to", async () => {
    const stdin = JSON.stringify({ source: world.connection("source"), destination: world.connection("destination") });
    const json = world.file("unproven.json");
    const argv = ["--all", "--credentials", "stdin"];
    const copy = await world.cli(["copy", ...argv, "--verify", "none", "--report", json], { env: {}, stdin });
    expect(copy).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("Copied, not verified yet") });
    expect(JSON.parse(readFileSync(json, "utf8"))).toMatchObject({ level: "none", verdict: "incomplete" });
    expect(await world.cli(["verify", ...argv], { env: {}, stdin })).toMatchObject({ exitCode: 0 });
    const empty = await world.cli(["verify", ...argv], { stdin: "" });
    expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Standard input is empty") });
    expect((await world.cli(["verify", ...argv, "--verify", "none"], { stdin })).exitCode).toBe(2);
  });

  it("leaves a sealed report and a page that `report` reads, checks and renders", async () => {
    const [json, page, again] = [world.file("r.json"), world.file("r.html"), world.file("again.html")];
    const copy = await world.cli(["copy", "--all", "--report", json, "--html", page]);
    expect(copy.exitCode).toBe(0);
    const report = JSON.parse(readFileSync(json, "utf8")) as Report;
    expect(report).toMatchObject({ schemaVersion: 1, verdict: "equal", level: "full", command: "copy" });
    expect(report.tables[0]).toMatchObject({
      table: "Cities", verdict: "equal", written: 25, source: { count: 25 }, destination: { count: 25 },
    });
    expect(report.tables[0]?.source.digest).toMatch(new RegExp(`^v${DIGEST_VERSION}:[0-9a-f]{32}$`));
    expect(report.tables[0]?.source.digest).toBe(report.tables[0]?.destination.digest);
    expect(report.throughput.length).toBeGreaterThan(0);
    expect(copy.stdout).toContain(report.hash);

    const check = await runCli(["report", json, "--check", "--html", again]);
    expect(check).toMatchObject({ exitCode: 0, stderr: "" });
    expect(check.stdout).toContain("The hash fits the content");
    expect(readFileSync(again, "utf8")).toBe(readFileSync(page, "utf8"));

    writeFileSync(json, readFileSync(json, "utf8").replace('"different": 0', '"different": 1'));
    const tampered = await runCli(["report", json, "--html", world.file("tampered.html")]);
    expect(tampered.exitCode).toBe(2);
    expect(tampered.stderr).toMatch(/^Error: .*was changed after it was written/);
    expect(() => readFileSync(world.file("tampered.html"))).toThrow(/ENOENT/);
  });

  it("lets `report --check` repeat the verdict, and `report` alone only show it", async () => {
    const json = world.file("r.json");
    expect((await world.cli(["verify", "--all", "--report", json])).exitCode).toBe(1);
    expect((await runCli(["report", json])).exitCode).toBe(0);
    expect((await runCli(["report", json, "--check"])).exitCode).toBe(1);
  });

  it("writes every difference to the file, and the first ones to the screen", async () => {
    const file = world.file("d.jsonl");
    const result = await world.cli(["verify", "--all", "--differences", file]);
    expect(jsonLines(readFileSync(file, "utf8"))).toHaveLength(25);
    expect(result.stdout.match(/^ {2}missing {2}/gm)).toHaveLength(10);
    expect(result.stdout).toContain("and 15 more: --differences FILE.jsonl writes every one");
  });

  it("keeps a hostile key from moving the terminal or the page", async () => {
    await world.put("destination", "Cities", [{ PartitionKey: "x", RowKey: "<script>alert(1)\u202e", name: "x" }]);
    const page = world.file("r.html");
    const result = await world.cli(["verify", "--all", "--html", page], { isTTY: true });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain("<script>alert(1)\\u{202e}");
    expect(result.stdout).not.toContain("\u202e");
    expect(readFileSync(page, "utf8")).not.toMatch(/<script>|\u202e/);
  });

  it("prints objects when it logs for machines: progress on stderr, the result on stdout", async () => {
    const result = await world.cli(["copy", "--all", "--log", "json"]);
    const [line] = jsonLines(result.stdout);
    expect(line).toMatchObject({ level: 30, name: "landbridge", msg: "Every row is equal.", exitCode: 0 });
    expect(line?.report).toMatchObject({ verdict: "equal", tables: [{ written: 25 }] });
    const progress = jsonLines(result.stderr);
    expect(progress.at(-1)).toMatchObject({ level: 30, progress: { phase: "verify", rows: 25 } });

    const refused = await world.cli(["copy", "--tables", "Citis", "--log", "json"]);
    expect(jsonLines(refused.stderr).at(-1)).toMatchObject({ level: 50, msg: expect.stringContaining("Citis") });
    const early = await runCli(["copy", "--all", "--log", "json"]);
    expect(jsonLines(early.stderr)).toMatchObject([{ level: 50, code: "CredentialMissing" }]);
  });

  it("prints nothing when it is quiet, but for errors", async () => {
    expect(await world.cli(["copy", "--all", "--quiet"])).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    const refused = await world.cli(["copy", "--tables", "Citis", "--quiet"]);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^Error: .*Citis.*\n$/);
  });

  it("shows a stack only to who asks for it", async () => {
    const argv = ["report", world.file("gone.json")];
    expect((await runCli(argv)).stderr).not.toMatch(/\n\s+at /);
    expect((await runCli(argv, { env: { LANDBRIDGE_DEBUG: "1" } })).stderr).toMatch(/\n\s+at .*\n[^]*ENOENT/);
  });

  it("redraws its line on a terminal, and writes plain lines where the terminal cannot", async () => {
    const drawn = await world.cli(["verify", "--all"], { isTTY: true });
    expect(drawn.stderr).toMatch(/\r\u001b\[2KVerifying/);
    const dumb = await world.cli(["verify", "--all"], { isTTY: true, env: { ...world.env, TERM: "dumb" } });
    expect(dumb.stderr).not.toContain("\u001b");
  });

  it("works with a bundle of table tokens, and says which right is missing before anything is written", async () => {
    await world.put("destination", "Cities", []);
    await world.put("destination", JOURNAL_TABLE, []);
    const bundle = (side: "source" | "destination", permissions: Readonly<Record<string, boolean>>) => {
      const account = side === "source" ? "contoso" : "fabrikam";
      const credential = new AzureNamedKeyCredential(account, world.service.account(account).keys[1]);
      const tables = side === "source" ? ["Cities"] : ["Cities", JOURNAL_TABLE];
      const expiresOn = new Date(Date.now() + 3_600_000);
      return JSON.stringify({
        version: 1, account, endpoint: world.endpoint(side), expiresOn: expiresOn.toISOString(),
        tables: Object.fromEntries(tables.map((table) =>
          [table, generateTableSas(table, credential, { permissions, expiresOn })])),
      });
    };
    const file = world.file("destination.json");
    const env = { LANDBRIDGE_SOURCE: bundle("source", { query: true }), LANDBRIDGE_DESTINATION_FILE: file };
    writeFileSync(file, bundle("destination", { query: true, add: true, update: true }));
    world.service.clearLog();
    const refused = await world.cli(["copy", "--all"], { env });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/The right to delete entities in table Cities is missing/);
    expect(world.writes).toBe(0);

    writeFileSync(file, bundle("destination", { query: true, add: true, update: true, delete: true }));
    const copied = await world.cli(["copy", "--all"], { env });
    expect(copied.stderr).not.toContain("Error");
    expect(copied.exitCode).toBe(0);
    for (const { stdout, stderr } of [refused, copied]) expect(stdout + stderr).not.toMatch(/sig=|sv=/);
  });

  it("verifies with rights to read alone", async () => {
    expect((await world.cli(["copy", "--all"])).exitCode).toBe(0);
    const url = (side: "source" | "destination") => {
      const account = side === "source" ? "contoso" : "fabrikam";
      const credential = new AzureNamedKeyCredential(account, world.service.account(account).keys[0]);
      const sas = generateAccountSas(credential, {
        permissions: { query: true, list: true }, resourceTypes: "sco", expiresOn: new Date(Date.now() + 3_600_000),
      });
      return `${world.endpoint(side)}?${sas}`;
    };
    const env = { LANDBRIDGE_SOURCE: url("source"), LANDBRIDGE_DESTINATION: url("destination") };
    expect(await world.cli(["verify", "--tables", "Cities"], { env })).toMatchObject({ exitCode: 0 });
  });

  it.each(["environment", "stdin", "file"])("never prints a secret by %s that a service echoes back", async (by) => {
    const secret = "ZWNob2VkLXNlY3JldC1zaWduYXR1cmU=";
    const source = `${world.endpoint("source")}?sv=1&ss=t&srt=o&sp=r&sig=${secret}`;
    writeFileSync(world.file("source.txt"), source);
    const destination = world.connection("destination");
    const place = by === "file" ? { LANDBRIDGE_SOURCE_FILE: world.file("source.txt") } : { LANDBRIDGE_SOURCE: source };
    const env = by === "stdin" ? {} : { LANDBRIDGE_DESTINATION: destination, ...place };
    const ports = {
      openStore: () => {
        throw new Error(`defect at https://contoso/?sig=${secret} (${secret})`);
      },
    };
    const argv = ["copy", "--all", ...(by === "stdin" ? ["--credentials", "stdin"] : [])];
    const given = { env: { ...env, LANDBRIDGE_DEBUG: "1" }, stdin: JSON.stringify({ source, destination }), ports };
    const result = await world.cli(argv, given);
    expect([result.exitCode, result.stderr]).toEqual([3, expect.stringContaining("[redacted]")]);
    expect(result.stderr).not.toContain(secret);
    expect(result.stderr).toContain("a defect in landbridge");
  });
});

describe("the installed command", () => {
  const run = (argv: readonly string[], env: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [bin, ...argv], { encoding: "utf8", env: { ...process.env, ...env }, timeout: 50_000 });

  it("ends with the exit code and one line, in a process of its own", () => {
    const result = run(["copy", "--all"], { LANDBRIDGE_SOURCE: "nonsense", LANDBRIDGE_DESTINATION: "nonsense" });
    expect(result.status).toBe(2);
    expect(result.stdout).toBe("");
    expect(result.stderr).toMatch(/^Error: LANDBRIDGE_SOURCE: part 1 of the connection string .*\n$/);
  });
});
