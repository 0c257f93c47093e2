import { TestStack } from "./stack";

jest.setTimeout(120_000);

describe("what the local engine keeps", () => {
  let stack: TestStack;
  beforeEach(() => (stack = new TestStack()));
  afterEach(() => stack.remove());

  it("leaves retained resources where they are, and the children of a retained parent", async () => {
    const group = { name: "kept", component: true, retainOnDelete: true };
    const lone = { name: "lone", retainOnDelete: true };
    await stack.must("up", group, { name: "child", parent: "kept" }, lone, { name: "gone" });
    expect(stack.resource("child")?.retainOnDelete).toBe(true);
    const destroy = await stack.must("destroy");
    expect(stack.calls()).toEqual(["delete gone-plain"]);
    expect(destroy.steps.find(({ name }) => name === "lone")).toMatchObject({ op: "delete", retained: true });
    expect(stack.resource("child")).toBeUndefined();
  });

  it("deletes a retained resource only once the program that lets it go was applied", async () => {
    await stack.must("up", { name: "one", retainOnDelete: true });
    await stack.must("up", { name: "one", retainOnDelete: false });
    await stack.must("destroy");
    expect(stack.calls()).toEqual(["delete one-plain"]);
  });

  it("refuses to delete or replace what is protected, its protected children too, and begins nothing", async () => {
    const group = { name: "safe", component: true, protect: true };
    const child = (kind: string) => ({ name: "child", parent: "safe", inputs: { kind } });
    await stack.must("up", group, child("old"), { name: "free" });
    const destroy = await stack.run("destroy");
    expect(destroy.error).toMatch(/^Protected resources cannot be deleted: safe .*child/);
    expect(stack.calls()).toEqual([]);
    const undeclared = await stack.run("up", group);
    expect(undeclared.error).toContain("Protected resources cannot be deleted: child");
    expect(stack.calls()).toEqual([]);
    const replaced = await stack.run("up", group, child("new"), { name: "free" });
    expect(replaced.error).toContain('"child": It would have to be replaced and is protected');
    expect(stack.calls()).toEqual([]);
    await stack.must("up", { ...group, protect: false }, child("old"), { name: "free" });
    await stack.must("destroy");
    expect(stack.calls()).toContain("delete child-old");
  });

  it("encrypts secrets in state, those that outputs inherit and those the program names", async () => {
    const stackOfSecrets = new TestStack(stack.project, "correct horse", "secure");
    try {
      const things = [{ name: "one", secret: "a-secret-of-ours", additional: ["token"] }];
      const up = await stackOfSecrets.must("up", ...things);
      expect(up.outputs.password).toEqual({ value: "opened-with-the-passphrase", secret: true });
      expect(up.outputs.settings).toEqual({ value: { depth: 3, list: ["x"] }, secret: false });
      const text = stackOfSecrets.stateText();
      for (const secret of ["a-secret-of-ours", "token-of-one-plain", "opened-with-the-passphrase"]) {
        expect(text).not.toContain(secret);
        expect(JSON.stringify(stackOfSecrets.open().exportState())).not.toContain(secret);
        expect(JSON.stringify(stackOfSecrets.open().exportState(true))).toContain(secret);
      }
      expect(text).toContain('"ciphertext"');
      expect((await stackOfSecrets.must("up")).steps).toEqual([]);
      expect(stackOfSecrets.open().outputs().password?.secret).toBe(true);
    } finally {
      stackOfSecrets.remove();
    }
  });

  it("opens state with no other passphrase", async () => {
    await stack.must("up", { name: "one", secret: "a-secret-of-ours" });
    const before = stack.stateText();
    const wrong = await stack.open("battery staple").up();
    expect(wrong.error).toContain("The passphrase does not open");
    expect(stack.stateText()).toBe(before);
  });

  it("blots out secrets in what the program prints and in errors", async () => {
    stack.play({ things: [{ name: "one", secret: "printed-secret" }], print: "the secret is printed-secret!" });
    await stack.must("up");
    const second = await stack.must("up");
    const said = stack.events.filter((event) => event.kind === "log").map(({ text }) => text);
    expect(said.at(-1)).toBe("the secret is [secret]!");
    expect(JSON.stringify(second)).not.toContain("printed-secret");
  });

  it("reads configuration as Pulumi does: keys without namespace are the project's, structures are JSON", async () => {
    const up = await stack.must("up", { name: "one" });
    expect(up.outputs).toMatchObject({ greeting: { value: "hello" }, settings: { value: { depth: 1 } } });
  });
});
