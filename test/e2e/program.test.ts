import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pulumiVersion, type StackRun } from "../../local/stack";
import type { Store } from "../../migration/engine/store";
import { endsSoon, notFresh, readState } from "../../migration/report/stackState";
import { openAzureTables } from "../../migration/stores/azureTables";
import { priceFile } from "../cli/priceFile";
import { watchCommandLines } from "./commandLines";
import { ProgramWorld, rowAt, TABLE } from "./program";

/** A run of a stack takes seconds; several of them, with emulators, on a slow machine, take minutes. */
const TEST_MS_MAX = 600_000;

const ROWS = 40;

function openBundle(text: unknown): Store {
  const { account, endpoint, tables } = JSON.parse(String(text));
  return openAzureTables({ kind: "tableSas", account, endpoint, tables: new Map(Object.entries<string>(tables)) });
}

async function statusOf(store: Store): Promise<number | undefined> {
  try {
    await store.readPage(TABLE, { rowsMax: 1 });
    return 200;
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

/** A run that had to succeed and did not shows all it printed. */
async function succeeded(run: Promise<StackRun>): Promise<StackRun> {
  const result = await run;
  if (!result.ok) throw new Error(`The run failed:\n${result.text}`);
  return result;
}

async function rowCount(store: Store): Promise<number> {
  return (await store.readPage(TABLE, {})).rows.length;
}

/** What `landbridge stack --verified-within 1` has against the stack's state; undefined where it is proven. */
async function unprovenOf({ runner }: ProgramWorld): Promise<string | undefined> {
  const state = readState(JSON.stringify(await runner.exportState()), "the stack's state");
  return endsSoon(state, Date.now(), 1) ?? notFresh(state, Date.now(), { hoursMax: 1, levelMin: "full" });
}

function programSuite(engine: "local" | "pulumi"): void {
  let world: ProgramWorld;

  beforeEach(async () => {
    world = await ProgramWorld.open(engine);
  }, TEST_MS_MAX);

  afterEach(() => world.close(), TEST_MS_MAX);

  it("previews, moves, proves; does nothing where nothing changed; moves only what changed", async () => {
    const { runner, source } = world;
    await world.seed(ROWS);
    writeFileSync(join(world.folder, "prices.json"), priceFile());
    world.configure("prices", "prices.json");
    const preview = await succeeded(runner.preview());
    expect(preview.changes.create).toBeGreaterThan(10);
    expect(preview.text).toMatch(/40 rows to copy\\ncosts [\d.]+ EUR to [\d.]+ EUR/);
    expect(await world.destination().listTables()).toEqual([]);

    await succeeded(runner.up());
    expect((await runner.outputs())["verdict"]).toBe("equal");
    expect(await rowCount(world.destination())).toBe(ROWS);
    expect(world.copyReport()).toMatchObject({
      estimate: { tables: [{ exact: true, entities: { low: ROWS, high: ROWS } }] }, cost: { used: { currency: "EUR" } },
    });

    const again = await succeeded(runner.up());
    expect(again).toMatchObject({ changes: { create: 0, update: 0, replace: 0, delete: 0 } });
    expect(await succeeded(runner.preview())).toMatchObject({ changes: { update: 0 } });

    await world.put(source, rowAt(3, ',"visited":true'));
    await world.put(source, rowAt(ROWS));
    await world.remove(source, rowAt(5));
    const pending = await runner.preview();
    expect(pending.text).toMatch(/\b3 rows to copy/);
    expect(pending.changes).toMatchObject({ create: 0, update: 2, replace: 0, delete: 0 });
    expect(await succeeded(runner.up())).toMatchObject({ changes: { update: 2 } });
    expect((await runner.outputs())["verdict"]).toBe("equal");
    const { reportPath } = await runner.outputs();
    const report = JSON.parse(readFileSync(join(world.folder, String(reportPath)), "utf8"));
    // The preview told of the copy and of its verification apart: each report has its own.
    expect(report).toMatchObject({
      command: "verify", estimate: { tables: [{ exact: true }], destination: { requests: { batch: { high: 0 } } } },
      cost: { used: { currency: "EUR" } },
    });
    expect(world.copyReport()).toMatchObject({
      estimate: { tables: [{ writes: { rows: { low: 2, high: 2 }, basis: "counted" } }] },
    });
    expect(report).toMatchObject({ verdict: "equal", level: "full", tables: [{ table: TABLE, different: 0 }] });
  }, TEST_MS_MAX);

  it("keeps secrets out of state, print, reports and process arguments", async () => {
    const { runner } = world;
    await world.seed(5);
    const commandLines = await watchCommandLines(() => runner.up());
    if (commandLines) expect([...commandLines].join("\n")).toMatch(/runProcess|pulumi/);
    const state = JSON.stringify(await runner.exportState());
    const outputs = await runner.outputs();
    const report = readFileSync(join(world.folder, String(outputs["reportPath"])), "utf8");
    const secrets = await world.secrets();
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of secrets) {
      expect(state.includes(secret)).toBe(false);
      expect(world.printed.join("\n").includes(secret)).toBe(false);
      expect(report.includes(secret)).toBe(false);
      expect([...(commandLines ?? [])].filter((line) => line.includes(secret))).toEqual([]);
    }
  }, TEST_MS_MAX);

  it("fails aloud on a row that somebody else changed, keeps the rest, and goes on once it is put right", async () => {
    const { runner, source } = world;
    await world.seed(ROWS);
    await runner.up();
    await world.put(world.destination(), rowAt(7, ',"tampered":true'));
    await world.put(source, rowAt(8, ',"visited":true'));
    expect(await unprovenOf(world)).toBeUndefined();
    const refused = await runner.up();
    expect(refused.ok).toBe(false);
    expect(refused.text).toContain("0007");
    // Outputs outlive a failed run; the state says that the proof is not of what was copied last.
    expect(await unprovenOf(world)).toBeDefined();
    expect(refused.text).toContain("tampered");
    // What could be done was done, and a failed run is no obstacle to the next.
    const row = await world.destination().readRow(TABLE, rowAt(8));
    expect(Buffer.from(row?.body ?? "").toString()).toContain("visited");
    expect(await runner.up()).toMatchObject({ ok: false });
    await world.put(world.destination(), rowAt(7));
    await succeeded(runner.up());
    expect((await runner.outputs())["verdict"]).toBe("equal");
    expect(await unprovenOf(world)).toBeUndefined();
  }, TEST_MS_MAX);

  it("is destroyed after a first run that failed", async () => {
    const { runner } = world;
    await world.seed(3);
    world.configure("tables", ["Absent"]);
    const failed = await runner.up();
    expect(failed.ok).toBe(false);
    expect(failed.text).toContain("Absent");
    await succeeded(runner.destroy());
  }, TEST_MS_MAX);

  it("closes access and keeps the destination managed: old tokens and keys are refused from then on", async () => {
    const { runner, emulators } = world;
    await world.seed(ROWS);
    await runner.up();
    const { sourceBundle, destinationBundle } = await runner.outputs();
    const tokens = [sourceBundle, destinationBundle].map((bundle) => world.keep(openBundle(bundle)));
    const old = [emulators.source, emulators.destination].map((account) => {
      const { account: name, tableEndpoint: endpoint } = account;
      const key = String(account.keys()?.[1]);
      return world.keep(openAzureTables({ kind: "sharedKey", account: name, endpoint, key }));
    });
    for (const store of [...tokens, ...old]) expect(await statusOf(store)).toBe(200);
    world.configure("temporaryAccess", "closed");
    await succeeded(runner.up());
    for (const store of [...tokens, ...old]) expect(await statusOf(store)).toBe(403);
    expect(await rowCount(world.destination())).toBe(ROWS);
    expect(await world.destination().listTables()).toEqual([TABLE]);
    const again = await succeeded(runner.up());
    expect(again).toMatchObject({ changes: { create: 0, update: 0, replace: 0, delete: 0 } });
    expect((await runner.outputs())["verdict"]).toBe("equal");
  }, TEST_MS_MAX);

  it("is destroyed months later, when every token and key in state is dead, and twice", async () => {
    const { runner, emulators } = world;
    await world.seed(ROWS);
    await runner.up();
    // Somebody rotated all keys meanwhile: nothing that state remembers opens anything any more.
    const { sourceBundle } = await runner.outputs();
    await world.rotateKeys(emulators.source);
    await world.rotateKeys(emulators.destination);
    expect(await statusOf(world.keep(openBundle(sourceBundle)))).toBe(403);
    await succeeded(runner.destroy());
    expect(await rowCount(world.destination())).toBe(ROWS);
    expect(await world.destination().listTables()).toEqual([TABLE]);
    await succeeded(runner.destroy());
  }, TEST_MS_MAX);

  it("renews a token before it runs out, without copying again", async () => {
    const { runner } = world;
    await world.seed(3);
    await runner.up();
    const before = await runner.outputs();
    // Less than a quarter of the new, longer lifetime is left of the old token.
    world.configure("sasLifetimeHours", 120);
    await succeeded(runner.up());
    const after = await runner.outputs();
    const [renewed, first] = [after, before].map(({ accessExpiresOn }) => Date.parse(String(accessExpiresOn)));
    expect(renewed).toBeGreaterThan(Number(first));
    expect(after["reportPath"]).toBe(before["reportPath"]);
  }, TEST_MS_MAX);
}

describe("the program on the local engine", () => programSuite("local"));

describe("the program on the Pulumi CLI", () => {
  if (pulumiVersion() !== undefined) programSuite("pulumi");
  else it.skip("skipped: no pulumi on PATH", () => undefined);
});
