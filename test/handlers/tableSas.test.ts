import { pulumi } from "./unknownOfPulumi";
import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { tableSasHandler } from "../../migration/handlers/tableSas";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { accountOf, CONTOSO, newWorld, policy, type World } from "../access/world";

const inputs: Properties = {
  __provider: "exports.handler = ...", account: CONTOSO, tables: ["Cities", "Types"], purpose: "source",
  lifetimeHours: 72, keyName: "key2", createMissing: false, policyId: "landbridge-demo",
};
const destination: Properties = { ...inputs, purpose: "destination", createMissing: true };
const HOUR_MS = 3_600_000;

function setUp(tables: readonly string[] = ["Cities", "Types"]) {
  const world = newWorld(["contosotables", tables]);
  return { world, account: accountOf(world), handler: tableSasHandler(world) };
}

async function failing(work: Promise<unknown>): Promise<PartialResult> {
  const error = await work.then(() => undefined, (caught: unknown) => caught);
  expect(error).toBeInstanceOf(PartialResult);
  return error as PartialResult;
}

/** As Pulumi does: outputs and the shim's text in state, the new inputs checked before they are compared. */
async function converge(world: World, olds: Properties, news: Properties) {
  const handler = tableSasHandler(world);
  const checked = await handler.check(inputs, news);
  expect(checked.failures).toEqual([]);
  return handler.diff("id", olds, checked.inputs);
}

describe("TableSas", () => {
  it("is unchanged in an unchanged world, again and again, though a token could be minted afresh", async () => {
    const { world, handler } = setUp();
    const { outs } = await handler.create(inputs);
    world.clock.nowMs += 50 * HOUR_MS;
    expect(await converge(world, outs, inputs)).toEqual({ changes: false });
  });

  it("renews with less than a quarter of its lifetime left: same id, later expiry", async () => {
    const { world, handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    world.clock.nowMs += 55 * HOUR_MS;
    expect(await converge(world, outs, inputs)).toEqual({ changes: true });
    const renewed = await handler.update(id, outs, inputs);
    expect(renewed.outs["expiresOn"]).toBe("2026-01-06T07:00:00.000Z");
    expect(account.tables.get("Types")).toHaveLength(1);
    expect(await converge(world, renewed.outs, inputs)).toEqual({ changes: false });
  });

  it("makes tokens anew when the key that signed them was changed", async () => {
    const { world, handler, account } = setUp();
    const given = { ...inputs, keyFingerprint: "before" };
    const { id, outs } = await handler.create(given);
    await account.regenerateKey("key2");
    const changed = { ...inputs, keyFingerprint: "after" };
    expect(await converge(world, outs, changed)).toEqual({ changes: true });
    const renewed = await handler.update(id, outs, changed);
    expect(renewed.outs["bundle"]).not.toBe(outs["bundle"]);
  });

  it.each([
    ["account", { ...CONTOSO, account: "elsewhere" }], ["purpose", "destination"], ["policyId", "landbridge-other"],
  ])("is another one with another %s, and the old one goes first", async (name, value) => {
    const { handler } = setUp();
    const { outs } = await handler.create(inputs);
    const result = await handler.diff("id", outs, { ...inputs, [name]: value });
    expect(result).toEqual({ changes: true, replaces: [name], deleteBeforeReplace: true });
  });

  it("does not mind the order of an account's members", async () => {
    const { handler } = setUp();
    const { outs } = await handler.create(inputs);
    const account = Object.fromEntries(Object.entries(CONTOSO).reverse());
    expect(await handler.diff("id", outs, { ...inputs, account })).toEqual({ changes: false });
  });

  it("takes tokens back from tables that are no longer wanted", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    const changed = { ...inputs, tables: ["Cities"] };
    expect(await handler.diff(id, outs, changed)).toEqual({ changes: true });
    const updated = await handler.update(id, outs, changed);
    expect(account.tables.get("Types")).toEqual([]);
    expect(updated.outs).toMatchObject({ tables: ["Cities"], granted: ["Cities"] });
  });

  it("shows in a preview that all tables are one more now", async () => {
    const { world, handler, account } = setUp();
    const everything = { ...inputs, tables: "all" };
    const { outs } = await handler.create(everything);
    expect(await converge(world, outs, everything)).toEqual({ changes: false });
    account.tables.set("New", []);
    expect(await converge(world, outs, everything)).toEqual({ changes: true });
  });

  it("asks nobody anything about values that are not known yet", async () => {
    const { world, handler, account } = setUp();
    const { outs } = await handler.create(inputs);
    account.calls.length = 0;
    for (const name of ["account", "tables", "lifetimeHours", "policyId", "ipRange", "keyFingerprint"]) {
      for (const value of [UNKNOWN, { resourceGroup: UNKNOWN }]) {
        const news = { ...inputs, tables: "all", [name]: value, account: { ...CONTOSO, resourceGroup: UNKNOWN } };
        expect((await handler.check(outs, news)).failures).toEqual([]);
        expect(await handler.diff("id", outs, news)).toMatchObject({ changes: true });
      }
    }
    expect(account.calls).toEqual([]);
    expect(world.clock.slept).toBe(0);
  });

  it("knows Pulumi's unknown value", () => {
    expect(UNKNOWN).toBe(pulumi.runtime.unknownValue);
  });

  it.each([
    ["ipRange", "198.51.100.1,198.51.100.9", /only one.*198\.51\.100\.0-198\.51\.100\.15/],
    ["lifetimeHours", 0, /0 hours.*1 to 8760/],
    ["lifetimeHours", 9000, /9000 hours.*1 to 8760/],
    ["policyId", "mine", /"mine" must begin with landbridge-/],
    ["policyId", `landbridge-${"x".repeat(60)}`, /at most 64/],
    ["tables", [], /at least one table/],
    ["tables", ["1st"], /"1st" is not a table's name/],
    ["keyName", "key3", /key1 or key2/],
    ["account", { ...CONTOSO, account: "Contoso Tables" }, /"Contoso Tables" is not a storage account's name/],
  ])("refuses %s = %j in check, with value and remedy", async (name, value, reason) => {
    const { failures } = await setUp().handler.check({}, { ...inputs, [name]: value });
    expect(failures.map((failure) => `${failure.property}: ${failure.reason}`).join()).toMatch(reason);
    expect(failures[0]?.property.split(".")[0]).toBe(name);
  });

  it("says every mistake at once", async () => {
    const { failures } = await setUp().handler.check({}, { ...inputs, keyName: "key3", lifetimeHours: -1 });
    expect(failures.map(({ property }) => property)).toEqual(["lifetimeHours", "keyName"]);
  });

  it("keeps the part that was granted when a create fails half-way, and a destroy takes it back", async () => {
    const { handler, account, world } = setUp(["Cities", "Types"]);
    world.policyDelayMs = HOUR_MS;
    const partial = await failing(handler.create(inputs));
    expect(partial).toMatchObject({ id: "contosotables/landbridge-demo", reasons: [partial.message] });
    expect(partial.properties["__provider"]).toBe(inputs["__provider"]);
    expect(partial.properties).not.toHaveProperty("bundle");
    expect(await handler.diff(partial.id, partial.properties, inputs)).toEqual({ changes: true });
    await handler.delete(partial.id, partial.properties);
    expect([...account.tables.values()].flat()).toEqual([]);
  });

  it("resumes after a create that failed half-way", async () => {
    const { handler, world } = setUp();
    world.policyDelayMs = HOUR_MS;
    const partial = await failing(handler.create(inputs));
    world.policyDelayMs = 0;
    const { outs } = await handler.update(partial.id, partial.properties, inputs);
    expect(await handler.diff(partial.id, outs, inputs)).toEqual({ changes: false });
  });

  it("is no resource at all when it was refused before anything was changed", async () => {
    const { handler, account } = setUp();
    account.tables.set("Cities", ["a", "b", "c", "d", "e"].map((name) => policy(name)));
    await expect(handler.create(inputs)).rejects.toMatchObject({ name: "OperationalError", code: "TooManyPolicies" });
  });

  it("is deleted months later, when its tokens have long expired, and twice", async () => {
    const { handler, account, world } = setUp();
    account.tables.set("Cities", [policy("backup")]);
    const { id, outs } = await handler.create(destination);
    expect(account.tables.has(JOURNAL_TABLE)).toBe(true);
    world.clock.nowMs += 5000 * HOUR_MS;
    await handler.delete(id, outs);
    await handler.delete(id, outs);
    expect(account.tables).toEqual(new Map([["Cities", [policy("backup")]], ["Types", []]]));
  });

  it("is deleted when its account is gone, and says so", async () => {
    const { handler, account, world } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.gone = true;
    await handler.delete(id, outs);
    expect(world.said.join()).toMatch(/contosotables is gone/);
  });

  it("is not called deleted when the right to take it back is missing", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.denied.add("setPolicies");
    await expect(handler.delete(id, outs)).rejects.toMatchObject({ code: "AuthorizationFailed" });
  });

  it("notices at a refresh that somebody removed its policy, and grants it again", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    expect((await handler.read(id, outs)).props).toEqual(outs);
    account.tables.set("Cities", []);
    const { props } = await handler.read(id, outs);
    expect(await handler.diff(id, props, inputs)).toEqual({ changes: true });
    await handler.update(id, props, inputs);
    expect(account.tables.get("Cities")).toHaveLength(1);
  });

  it("is gone at a refresh when its account is", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.gone = true;
    expect(await handler.read(id, outs)).toEqual({ id: "", props: {} });
  });

  it("gives no output that holds a secret but the bundle", async () => {
    const { handler, account } = setUp();
    const { outs } = await handler.create(inputs);
    const { bundle, ...rest } = outs;
    expect(bundle).toMatch(/sig=/);
    expect(JSON.stringify(rest)).not.toMatch(/sig=/);
    expect(JSON.stringify(outs)).not.toContain(account.keyValue("key2"));
  });
});
