import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ZOO } from "../contract/zoo";
import { CliWorld } from "./service";

const TABLE = "Cities";
const ROWS = 4_000;

/** Two values have the same text only if they are the same: a zero keeps its sign. */
function exactly(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return Object.is(value, -0) ? "-0" : String(value);
}

function rowsOf(world: CliWorld, account: "contoso" | "fabrikam", table = TABLE): string[] {
  return world.service.account(account).rows(table).map((row) => {
    const properties = [...row.properties].map(([name, { type, value }]) => [name, type, exactly(value)]);
    return JSON.stringify([row.partitionKey, row.rowKey, properties.sort()]);
  });
}

function seed(world: CliWorld): void {
  const texts = Array.from({ length: ROWS }, (_, at) => {
    const key = `"PartitionKey":"p${at % 4}","RowKey":"${String(at).padStart(6, "0")}"`;
    return `{${key},"population":${at},"area@odata.type":"Edm.Double","area":${at}.0}`;
  });
  world.service.account("contoso").seedJson(TABLE, texts);
}

describe("landbridge, as a process of its own", () => {
  let world: CliWorld;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "landbridge-e2e-"));
    world = await CliWorld.open(5);
  });

  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("stops on Ctrl-C at an acknowledged batch with exit code 3, and the same command finishes", async () => {
    seed(world);
    const first = world.start(["copy", "--all"]);
    while (!world.service.log.some(({ method, path }) => method === "POST" && path === "$batch")) {
      await new Promise((wake) => setTimeout(wake, 5));
    }
    first.child.kill("SIGINT");
    const stopped = await first.finished;
    expect(stopped.code).toBe(3);
    const again = await world.run(["copy", "--all"]);
    expect(again.code).toBe(0);
    expect(rowsOf(world, "fabrikam")).toEqual(rowsOf(world, "contoso"));
  });

  it("is stopped by landbridge stop from elsewhere", async () => {
    seed(world);
    const slow = await CliWorld.open(400);
    try {
      seed(slow);
      const first = slow.start(["copy", "--all"]);
      // A process takes longer to start than such a copy takes: it is asked again until it has heard.
      let over = false;
      void first.finished.then(() => (over = true));
      while (!over) expect((await slow.run(["stop"])).code).toBe(0);
      expect((await first.finished).code).toBe(3);
    } finally {
      await slow.close();
    }
  });

  it("brings the value zoo over value for value", async () => {
    const zoo = ZOO.map(({ members }, at) => `{"PartitionKey":"zoo","RowKey":"${at}"${members && `,${members}`}}`);
    world.service.account("contoso").seedJson("Zoo", zoo);
    const report = join(folder, "report.json");
    const copied = await world.run(["copy", "--tables", "Zoo", "--report", report]);
    expect({ code: copied.code, stderr: copied.stderr }).toMatchObject({ code: 0 });
    expect(rowsOf(world, "fabrikam", "Zoo")).toEqual(rowsOf(world, "contoso", "Zoo"));
    const { tables } = JSON.parse(readFileSync(report, "utf8"));
    expect(tables[0]).toMatchObject({ verdict: "equal", source: { count: ZOO.length } });
    expect(tables[0].source.digest).toBe(tables[0].destination.digest);
  });

  it("tells no secret: not in what it prints, not in its reports, not on its command line", async () => {
    seed(world);
    const report = join(folder, "report.json");
    const html = join(folder, "report.html");
    const run = await world.run(["copy", "--all", "--report", report, "--html", html, "--log", "json"]);
    expect(run.code).toBe(0);
    const wrong = await world.run(["copy", "--all"], {
      env: { LANDBRIDGE_SOURCE: world.connectionString("contoso").replace("AccountKey=", "AccountKey=AAAA") },
    });
    expect(wrong.code).toBe(2);
    const texts = [run.stdout, run.stderr, wrong.stdout, wrong.stderr];
    texts.push(readFileSync(report, "utf8"), readFileSync(html, "utf8"));
    for (const account of ["contoso", "fabrikam"] as const) {
      for (const key of world.service.account(account).keys) {
        for (const text of texts) expect(text.includes(String(key).slice(0, 20))).toBe(false);
      }
    }
  });
});
