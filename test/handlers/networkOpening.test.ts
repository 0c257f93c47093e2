import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { networkOpeningHandler } from "../../migration/handlers/networkOpening";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { OperationalError } from "../../migration/engine/errors";
import { accountOf, CONTOSO, newWorld } from "../access/world";

const inputs: Properties = {
  __provider: "text", account: CONTOSO, ipRanges: ["203.0.113.1", "203.0.113.8/31", "198.51.100.0/24"], subnetIds: [],
};

function setUp() {
  const world = newWorld(["contosotables", []]);
  const account = accountOf(world);
  account.rules = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.1" }] };
  const values = () => (account.rules.ipRules ?? []).map(({ value }) => value);
  return { world, account, values, handler: networkOpeningHandler(world) };
}

/** A step as Pulumi takes it: check, then diff. */
async function converge({ handler }: Pick<ReturnType<typeof setUp>, "handler">, olds: Properties, news = inputs) {
  const checked = await handler.check(inputs, news);
  expect(checked.failures).toEqual([]);
  return { inputs: checked.inputs, ...(await handler.diff("id", olds, checked.inputs)) };
}

describe("NetworkOpening", () => {
  it("adds what was not there, and on delete takes exactly that away, months later and twice", async () => {
    const { handler, values } = setUp();
    const { id, outs } = await handler.create(inputs);
    expect(outs["added"]).toEqual({
      ipRules: ["203.0.113.8", "203.0.113.9", "198.51.100.0/24"], ipv6Rules: [], subnetIds: [],
    });
    expect(outs["summary"]).toMatch(/Opened .*203\.0\.113\.8.*Already there: IP rule 203\.0\.113\.1/);
    expect(await handler.diff(id, outs, inputs)).toEqual({ changes: false });
    await handler.delete(id, outs);
    await handler.delete(id, outs);
    expect(values()).toEqual(["203.0.113.1"]);
  });

  it("opens the new and closes the old when the ranges change, and never a rule of others", async () => {
    const { handler, values } = setUp();
    const { id, outs } = await handler.create(inputs);
    const news = { ...inputs, ipRanges: ["203.0.113.9", "203.0.113.20"] };
    expect(await handler.diff(id, outs, news)).toEqual({ changes: true });
    const updated = await handler.update(id, outs, news);
    expect(values().sort()).toEqual(["203.0.113.1", "203.0.113.20", "203.0.113.9"]);
    expect(await handler.diff(id, updated.outs, news)).toEqual({ changes: false });
    await handler.delete(id, updated.outs);
    expect(values()).toEqual(["203.0.113.1"]);
  });

  it("notices at a refresh that somebody closed it, and opens it again", async () => {
    const { handler, account, values } = setUp();
    const { id, outs } = await handler.create(inputs);
    expect(await handler.diff(id, (await handler.read(id, outs)).props, inputs)).toEqual({ changes: false });
    account.rules = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.8" }] };
    const { props } = await handler.read(id, outs);
    expect(await handler.diff(id, props, inputs)).toEqual({ changes: true });
    const updated = await handler.update(id, props, inputs);
    expect(values()).toHaveLength(4);
    await handler.delete(id, updated.outs);
    expect(values()).toEqual([]);
  });

  it("is unchanged in an unchanged world, whether state is of today or has never heard of the look", async () => {
    const made = setUp();
    const { outs } = await made.handler.create((await converge(made, {})).inputs);
    expect(await converge(made, outs)).toMatchObject({ changes: false });
    expect(outs).not.toHaveProperty("present");
    expect(await converge(made, { ...outs, present: { ipRules: [], defaultAction: "Deny" } }))
      .toMatchObject({ changes: false });
  });

  it("notices without a refresh that an update of the account dropped its rules, and opens it again", async () => {
    const made = setUp();
    const { handler, account, values } = made;
    const { id, outs } = await handler.create(inputs);
    account.rules = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.1" }] };
    const seen = await converge(made, outs);
    expect(seen.changes).toBe(true);
    const updated = await handler.update(id, outs, seen.inputs);
    expect(values()).toEqual(["203.0.113.1", "203.0.113.8", "203.0.113.9", "198.51.100.0/24"]);
    expect(await converge(made, updated.outs)).toMatchObject({ changes: false });
    await handler.delete(id, updated.outs);
    expect(values()).toEqual(["203.0.113.1"]);
  });

  it("opens an account that was open to all when it came, and was shut since", async () => {
    const made = setUp();
    made.account.rules = { defaultAction: "Allow" };
    const { outs } = await made.handler.create(inputs);
    expect(await converge(made, outs)).toMatchObject({ changes: false });
    made.account.rules = { defaultAction: "Deny", ipRules: [] };
    expect(await converge(made, outs)).toMatchObject({ changes: true });
  });

  it("goes by its state, and says nothing, where the account may not be looked at", async () => {
    const made = setUp();
    const { outs } = await made.handler.create(inputs);
    made.account.denied.add("getNetworkRules");
    const seen = await converge(made, outs);
    expect(seen.changes).toBe(false);
    expect(seen.inputs).not.toHaveProperty("present");
    expect(made.world.said).toEqual([]);
  });

  it("does not keep a preview waiting for an account that never answers", async () => {
    const made = setUp();
    const { outs } = await made.handler.create(inputs);
    jest.useFakeTimers();
    try {
      made.account.getNetworkRules = () => new Promise(() => undefined);
      const seen = converge(made, outs);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(await seen).toMatchObject({ changes: false });
    } finally {
      jest.useRealTimers();
    }
  });

  it("does nothing on an account that is open to all, and stays so without a diff", async () => {
    const { handler, account } = setUp();
    account.rules = { defaultAction: "Allow" };
    const { id, outs } = await handler.create(inputs);
    expect(await handler.diff(id, outs, inputs)).toEqual({ changes: false });
    await handler.delete(id, outs);
    expect(account.writes()).toEqual([]);
  });

  it("keeps what it added when the answer was lost, and a destroy takes it away", async () => {
    const { handler, account, values } = setUp();
    account.after = () => {
      throw new OperationalError({ code: "ManagementFailed", message: "lost", retryable: true });
    };
    const error = await handler.create(inputs).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PartialResult);
    account.after = () => undefined;
    const { id, properties } = error as PartialResult;
    expect(properties["__provider"]).toBe("text");
    expect(await handler.diff(id, properties, inputs)).toEqual({ changes: true });
    await handler.delete(id, properties);
    expect(values()).toEqual(["203.0.113.1"]);
  });

  it("is another one on another account", async () => {
    const { handler } = setUp();
    const { outs } = await handler.create(inputs);
    const news = { ...inputs, account: { ...CONTOSO, account: "elsewhere" } };
    expect(await handler.diff("id", outs, news)).toEqual({ changes: true, replaces: ["account"] });
  });

  it("asks nobody anything about values that are not known yet", async () => {
    const { handler, account } = setUp();
    for (const news of [{ ...inputs, account: UNKNOWN }, { ...inputs, ipRanges: UNKNOWN }]) {
      expect((await handler.check({}, news)).failures).toEqual([]);
      expect(await handler.diff("id", { account: CONTOSO }, news)).toEqual({ changes: true });
    }
    expect(account.calls).toEqual([]);
  });

  it("refuses each range that the service would refuse, in check", async () => {
    const news = { ...inputs, ipRanges: ["10.0.0.1", "203.0.113.1", "nonsense"], subnetIds: ["subnet"] };
    const { failures } = await setUp().handler.check({}, news);
    expect(failures.map(({ property }) => property)).toEqual(["ipRanges.0", "ipRanges.2", "subnetIds.0"]);
  });
});
