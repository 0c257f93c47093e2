import { TestStack } from "./stack";

/** Every test has a stack of its own; a run takes seconds, since it is a process that loads Pulumi's SDK. */
jest.setTimeout(120_000);

describe("the local engine steps as Pulumi does", () => {
  let stack: TestStack;
  beforeEach(() => (stack = new TestStack()));
  afterEach(() => stack.remove());

  it("creates in the order of dependencies, changes nothing the second time, and deletes in reverse", async () => {
    const things = [{ name: "second", from: "first" }, { name: "third", dependsOn: ["second"] }];
    const up = await stack.must("up", { name: "first" }, ...things);
    expect(up.changes).toEqual({ create: 4, update: 0, delete: 0, replace: 0, same: 0 });
    expect(stack.calls()).toEqual(["create first-plain", "create second-plain", "create third-plain"]);
    const serials = ["first", "second", "third"].map((name) => `serial of ${name}-plain`);
    expect(up.outputs.serials).toEqual({ value: serials, secret: false });
    const again = await stack.must("up");
    expect(again).toMatchObject({ changes: { create: 0, update: 0, delete: 0, replace: 0, same: 4 }, steps: [] });
    expect(stack.calls()).toEqual([]);
    const destroy = await stack.must("destroy");
    expect(destroy.changes.delete).toBe(4);
    expect(stack.calls()).toEqual(["delete third-plain", "delete second-plain", "delete first-plain"]);
    expect((await stack.must("destroy")).changes.delete).toBe(0);
  });

  it("previews without a call that could change anything, and what is not known yet is unknown", async () => {
    const preview = await stack.must("preview", { name: "first" }, { name: "second", from: "first" });
    expect(preview.changes.create).toBe(3);
    expect(stack.allCalls().every((call) => call.startsWith("check "))).toBe(true);
    const second = preview.steps.find(({ name }) => name === "second");
    expect(second?.changes).toContainEqual({ path: "source", kind: "add", after: "[unknown]" });
    expect(stack.stateText()).toBe("");
  });

  it("shows in a preview how inputs would change, and secrets never", async () => {
    await stack.must("up", { name: "one", inputs: { size: 1, nested: { deep: [1, 2] } }, secret: "first-secret" });
    const inputs = { size: 2, nested: { deep: [1, 3] } };
    const preview = await stack.must("preview", { name: "one", inputs, secret: "other-secret" });
    expect(preview.steps).toMatchObject([{ op: "update", name: "one" }]);
    expect(preview.steps[0]?.changes).toEqual([
      { path: "nested.deep[1]", kind: "change", before: "2", after: "3" },
      { path: "secret", kind: "change", before: "[secret]", after: "[secret]" },
      { path: "size", kind: "change", before: "1", after: "2" },
    ]);
    expect(JSON.stringify([preview, stack.events])).not.toMatch(/first-secret|other-secret/);
    expect(stack.calls()).toEqual([]);
  });

  it("updates in place with old outputs and new inputs, and deletes what is no longer declared", async () => {
    await stack.must("up", { name: "one", inputs: { size: 1 } }, { name: "two", dependsOn: ["one"] });
    const up = await stack.must("up", { name: "one", inputs: { size: 2 } });
    expect(up.changes).toMatchObject({ update: 1, delete: 1, same: 1 });
    expect(stack.calls()).toEqual(["update one-plain", "delete two-plain"]);
    const outputs = { size: 2, serial: "serial of one-plain" };
    expect(stack.resource("one")).toMatchObject({ id: "one-plain", outputs });
    expect(stack.resource("two")).toBeUndefined();
  });

  it("replaces by creating first and deleting last, so that dependants move over in between", async () => {
    await stack.must("up", { name: "one", inputs: { kind: "old" } }, { name: "two", from: "one" });
    const next = [{ name: "one", inputs: { kind: "new" } }, { name: "two", from: "one" }];
    const preview = await stack.must("preview", ...next);
    expect(preview.steps.map(({ op, name }) => `${op} ${name}`)).toEqual([
      "replace one",
      "update two",
      "deleteReplaced one",
    ]);
    const up = await stack.must("up");
    expect(up.changes).toMatchObject({ replace: 1, update: 1, delete: 0 });
    expect(stack.calls()).toEqual(["create one-new", "update two-plain", "delete one-old"]);
    expect(stack.resource("two")?.inputs.source).toBe("serial of one-new");
  });

  it("deletes before it replaces where provider or program want it so", async () => {
    const thing = (kind: string) => [
      { name: "provider", inputs: { kind, deleteFirst: true } },
      { name: "program", inputs: { kind }, deleteBeforeReplace: true },
      { name: "overruled", inputs: { kind, deleteFirst: true }, deleteBeforeReplace: false },
    ];
    await stack.must("up", ...thing("old"));
    const preview = await stack.must("preview", ...thing("new"));
    expect(stack.calls()).toEqual([]);
    expect(preview.changes).toMatchObject({ replace: 3, delete: 0 });
    await stack.must("up");
    const order = (name: string): readonly string[] => stack.calls().filter((call) => call.includes(name));
    expect(order("provider")).toEqual(["delete provider-old", "create provider-new"]);
    expect(order("program")).toEqual(["delete program-old", "create program-new"]);
    expect(order("overruled")).toEqual(["create overruled-new", "delete overruled-old"]);
  });

  it("replaces on changes that the program says must replace, and ignores those it says to ignore", async () => {
    const thing = (size: number) => [
      { name: "replaced", inputs: { size }, replaceOnChanges: ["size"] },
      { name: "ignored", inputs: { size, nested: { a: size, b: size } }, ignoreChanges: ["size", "nested.a"] },
    ];
    await stack.must("up", ...thing(1));
    const up = await stack.must("up", ...thing(2));
    expect(up.changes).toMatchObject({ replace: 1, update: 1 });
    expect(stack.resource("ignored")?.inputs).toMatchObject({ size: 1, nested: { a: 1, b: 2 } });
  });

  it("finds a renamed resource by its alias, and the children of a renamed parent with it", async () => {
    const group = { name: "group", component: true };
    await stack.must("up", group, { name: "group-child", parent: "group" }, { name: "lone" });
    const renamed = [
      { name: "team", component: true, aliases: [{ name: "group" }] },
      { name: "team-child", parent: "team", inputs: { name: "group-child" } },
      { name: "single", inputs: { name: "lone" }, aliases: [{ name: "lone" }] },
    ];
    const up = await stack.must("up", ...renamed);
    expect(up.changes).toMatchObject({ create: 0, delete: 0, replace: 0 });
    expect(stack.calls().filter((call) => /^(create|delete)/.test(call))).toEqual([]);
    expect(stack.resource("team-child")).toMatchObject({ id: "group-child-plain" });
    const former = "urn:pulumi:dev::things::pulumi-nodejs:dynamic/test:Thing::lone";
    expect(stack.resource("single")?.aliases).toEqual([former]);
  });

  it("fails on what check refuses, with property and reason, before anything is created", async () => {
    const result = await stack.run("up", { name: "one", inputs: { bad: 1 } });
    expect(result.error).toContain('"one": bad: must not be there');
    expect(stack.calls()).toEqual([]);
  });

  it("refreshes state from what is really there, from outputs alone, and forgets what is gone", async () => {
    await stack.must("up", { name: "one", inputs: { size: 1 }, secret: "kept-secret" });
    const refreshed = await stack.must("refresh");
    expect(stack.allCalls()).toEqual(["read one-plain outputs"]);
    expect(refreshed.steps).toMatchObject([
      { op: "refresh", name: "one", changes: [{ path: "size", kind: "change", before: "1", after: "99" }] },
    ]);
    expect(stack.resource("one")).toMatchObject({ inputs: { size: 1 }, outputs: { size: 99 } });
    expect(stack.stateText()).not.toContain("kept-secret");
    stack.loseEverything();
    await stack.must("refresh");
    expect(stack.resource("one")).toBeUndefined();
    await stack.must("up");
    expect(stack.calls()).toEqual(["create one-plain"]);
  });
});
