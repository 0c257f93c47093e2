import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestStack } from "./stack";

jest.setTimeout(120_000);

describe("a run of the local engine that fails", () => {
  let stack: TestStack;
  beforeEach(() => (stack = new TestStack()));
  afterEach(() => stack.remove());

  it("finishes what is running, begins nothing new, keeps what was made, and goes on next time", async () => {
    const failed = await stack.run(
      "up",
      { name: "slow", inputs: { slowMs: 1500 } },
      { name: "broken", inputs: { fail: "create" } },
      { name: "after", from: "slow" },
    );
    expect(failed.error).toContain('"broken": no room for broken');
    expect(stack.calls()).toEqual(["create broken-plain", "create slow-plain"]);
    expect(stack.resource("slow")?.id).toBe("slow-plain");
    expect(stack.resource("broken")).toBeUndefined();
    const slow = { name: "slow", inputs: { slowMs: 1500 } };
    await stack.must("up", slow, { name: "broken" }, { name: "after", from: "slow" });
    expect(stack.calls()).toEqual(["create broken-plain", "create after-plain"]);
  });

  it("keeps the part that a create achieved, with reasons and secrets, and tries again unasked", async () => {
    const partial = { name: "half", inputs: { partial: true }, additional: ["token"] };
    const failed = await stack.run("up", partial);
    expect(failed.error).toContain('"half": half done');
    const kept = stack.resource("half");
    expect(kept).toMatchObject({ id: "half-plain", initErrors: ["first reason", "second reason"] });
    expect(stack.stateText()).not.toContain("token-of-half-plain");
    const again = await stack.must("up");
    expect(again.changes.update).toBe(1);
    expect(stack.calls()).toEqual(["update half-plain"]);
    expect(stack.resource("half")?.initErrors).toBeUndefined();
    await stack.must("up");
    expect(stack.calls()).toEqual([]);
  });

  it("can be destroyed after a create that failed half-way, with the code that its error carried", async () => {
    await stack.run("up", { name: "half", inputs: { partial: true } });
    await stack.must("destroy");
    expect(stack.allCalls()).toEqual(["delete half-plain outputs"]);
  });

  it("keeps the old state of what could not be updated", async () => {
    await stack.must("up", { name: "one", inputs: { size: 1 } });
    const failed = await stack.run("up", { name: "one", inputs: { size: 2, fail: "update" } });
    expect(failed.error).toContain("cannot change one-plain");
    expect(stack.resource("one")).toMatchObject({ inputs: { size: 1 }, outputs: { size: 1 } });
  });

  it("deletes nothing that was not declared when the program itself fails", async () => {
    await stack.must("up", { name: "one" }, { name: "two" });
    stack.play({ things: [{ name: "one" }], throws: "the configuration is wrong" });
    const failed = await stack.run("up");
    expect(failed.error).toBe("the configuration is wrong");
    expect(stack.calls()).toEqual([]);
    expect(stack.resource("two")).toBeDefined();
  });

  it("tells where an error that nobody expects was thrown, by the line that somebody wrote", async () => {
    const lines = readFileSync(join(stack.project, "index.ts"), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes("new TypeError(scenario.breaks)")) + 1;
    stack.play({ things: [], breaks: "no such thing" });
    const broken = await stack.run("preview");
    expect(broken.error).toMatch(/^TypeError: no such thing\n/);
    expect(broken.error).toContain(`index.ts:${line}:`);
  });

  it("ends a program that waits for what never comes, keeps what it made, and deletes nothing", async () => {
    await stack.must("up", { name: "one" }, { name: "two" });
    stack.play({ things: [{ name: "one" }, { name: "three" }], hangs: true });
    const stalled = await stack.run("up");
    expect(stalled.error).toContain("waits for something that never comes");
    expect(stack.calls()).toEqual(["create three-plain"]);
    expect(stack.resource("three")).toBeDefined();
    expect(stack.resource("two")).toBeDefined();
  });

  it("keeps what could not be deleted and all that it needs, and deletes them next time", async () => {
    await stack.must("up", { name: "base" }, { name: "stuck", from: "base", inputs: { fail: "delete" } });
    const failed = await stack.run("destroy");
    expect(failed.error).toContain('"stuck": stuck-plain is in use');
    expect(stack.calls()).toEqual(["delete stuck-plain"]);
    expect(stack.resource("base")).toBeDefined();
    await stack.must("up", { name: "base" }, { name: "stuck", from: "base" });
    await stack.must("destroy");
    expect(stack.calls()).toEqual(["delete stuck-plain", "delete base-plain"]);
  });

  it("stops when it is cancelled: what is under way is finished and kept", async () => {
    stack.declare({ name: "slow", inputs: { slowMs: 3000 } }, { name: "after", from: "slow" });
    const controller = new AbortController();
    const running = stack.open(stack.passphrase, controller.signal).up();
    while (!stack.events.some((event) => event.kind === "started" && event.step.name === "slow")) {
      await new Promise((wait) => setTimeout(wait, 20));
    }
    controller.abort();
    const result = await running;
    expect(result.error).toContain("Cancelled");
    expect(stack.resource("slow")?.id).toBe("slow-plain");
    expect(stack.resource("after")).toBeUndefined();
  });

  it("refuses a second run on the same state while one is under way, and takes over from one that died", async () => {
    stack.declare({ name: "slow", inputs: { slowMs: 4000 } });
    const running = stack.open().up();
    while (!existsSync(`${stack.stateFile}.lock`)) await new Promise((wait) => setTimeout(wait, 20));
    const second = await stack.open().up();
    expect(second.error).toMatch(/^Process \d+ works on this stack\./);
    expect((await running).error).toBeUndefined();
    writeFileSync(`${stack.stateFile}.lock`, "999999999");
    await stack.must("up");
  });

  it("says so when the last run was killed in the middle of a step", async () => {
    await stack.must("up", { name: "one" });
    type State = { readonly deployment: { readonly pending_operations: unknown[] } };
    const state = JSON.parse(readFileSync(stack.stateFile, "utf8")) as State;
    state.deployment.pending_operations.push({ type: "creating", urn: "urn:of:two" });
    writeFileSync(stack.stateFile, JSON.stringify(state));
    await stack.must("up");
    const said = stack.events.filter((event) => event.kind === "log").map(({ text }) => text);
    expect(said.join("\n")).toContain("ended while it was creating urn:of:two");
  });
});
