import { PartialResult } from "../../migration/handlers/handler";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { OperationalError } from "../../migration/engine/errors";
import { CONTOSO } from "../access/world";
import {
  down, INPUTS, keysOf, killAt, Killed, OPEN, revive, setUp, SUBNET, THEIRS, up,
} from "./fenceWorld";

describe("a fence, whatever happens", () => {
  it("killed at any call, comes through at the next run, and gives back what was there at first", async () => {
    const whole = setUp();
    const counted = killAt(whole.made, Infinity, "before");
    await up(whole.made, whole.state);
    expect(counted.calls).toBeGreaterThan(15);
    for (let nth = 1; nth <= counted.calls; nth += 1) {
      for (const when of ["before", "after"] as const) {
        const { made, account, state, before } = setUp();
        killAt(made, nth, when);
        // A look in `check` that fails is no failure: the step finds out. Whoever is killed keeps no part of a step.
        const dead = await up(made, state).then(() => undefined, (error: unknown) => error);
        if (dead !== undefined) expect(dead instanceof PartialResult ? dead.cause : dead).toBeInstanceOf(Killed);
        revive(made);
        await up(made, state);
        expect(account.rules).toMatchObject({ defaultAction: "Deny", ipRules: [], subnetRules: [], resourceRules: [] });
        expect(keysOf(made).key1).not.toBe(before.key1);
        expect(keysOf(made).key2).not.toBe(before.key2);
        expect(state.fence?.outs).toMatchObject({ complete: true, keysShut: true });
        expect(await up(made, state)).toEqual([]);
        await down(made, state);
        expect(account.rules).toMatchObject({
          defaultAction: "Allow", bypass: "Logging, AzureServices", resourceRules: OPEN.resourceRules,
          ipRules: [{ value: THEIRS }], subnetRules: [{ subnetId: SUBNET }],
        });
      }
    }
  });

  it("destroyed after it was killed at any call, gives the firewall back", async () => {
    for (let nth = 1; nth <= 30; nth += 1) {
      const { made, account, state } = setUp();
      killAt(made, nth, "after");
      await up(made, state).catch(() => undefined);
      revive(made);
      await down(made, state);
      expect(account.rules).toMatchObject({ defaultAction: "Allow", bypass: "Logging, AzureServices" });
      expect(account.rules.ipRules).toMatchObject([{ value: THEIRS }]);
    }
  });

  it("does not regenerate keys again that are dead, when only the firewall was left to do", async () => {
    const { made, account, state } = setUp();
    account.denied.add("setNetworkRules");
    const failed = await up(made, state).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PartialResult);
    const { id, properties } = failed as PartialResult;
    expect(properties).toMatchObject({ __provider: "text", keysShut: true, complete: false });
    state.fence = { id, outs: properties };
    const dead = keysOf(made);
    account.denied.clear();
    expect(await up(made, state)).toEqual(["fence updated"]);
    expect(keysOf(made)).toEqual(dead);
    expect(state.fence.outs["summary"]).toMatch(/old key1 and key2 was refused; the firewall/);
  });

  it("asks nothing of the account once access is closed, and cannot begin then", async () => {
    const { made, account, fence, state } = setUp();
    await up(made, state);
    const olds = state.fence?.outs ?? {};
    const news = { ...INPUTS, frozen: true };
    account.calls.length = 0;
    account.gone = true;
    const checked = await fence.check(olds, news);
    expect(checked.failures).toEqual([]);
    expect(await fence.diff("id", olds, checked.inputs)).toEqual({ changes: false });
    expect(account.calls).toEqual([]);
    expect((await fence.check({}, news)).failures[0]?.reason).toMatch(/set fence while phase is drained/);
  });

  it("asks nobody anything about values that are not known yet", async () => {
    const { fence, account } = setUp();
    for (const news of [{ ...INPUTS, account: UNKNOWN }, { ...INPUTS, subnetIds: UNKNOWN }]) {
      expect((await fence.check({}, news)).failures).toEqual([]);
      expect(await fence.diff("id", {}, news)).toMatchObject({ changes: true });
    }
    expect(account.calls).toEqual([]);
  });

  it("previews without the right to look, and is another one on another account", async () => {
    const { fence, network, account, state, made } = setUp();
    await up(made, state);
    account.denied.add("getNetworkRules").add("listTables");
    const checked = await fence.check(INPUTS, INPUTS);
    expect(checked).toEqual({ inputs: INPUTS, failures: [] });
    const elsewhere = { ...INPUTS, account: { ...CONTOSO, account: "elsewhere" } };
    for (const [handler, olds] of [[fence, state.fence?.outs], [network, state.network?.outs]] as const) {
      expect(await handler.diff("id", olds ?? {}, elsewhere)).toEqual({ changes: true, replaces: ["account"] });
    }
  });

  it("is deleted where its account is gone, and not where the right to give back is missing", async () => {
    const { made, account, state, world } = setUp();
    await up(made, state);
    account.denied.add("setNetworkRules");
    const { id, outs } = state.network ?? { id: "", outs: {} };
    await expect(made.network.delete(id, outs)).rejects.toBeInstanceOf(OperationalError);
    account.gone = true;
    await down(made, state);
    expect(world.said.at(-1)).toMatch(/is gone/);
    expect(await made.fence.read("id", INPUTS)).toEqual({ id: "", props: {} });
  });

  it("refuses a Cosmos DB account, which its owner shuts", async () => {
    const { fence } = setUp();
    const { failures } = await fence.check({}, { ...INPUTS, account: { ...CONTOSO, service: "cosmos" } });
    expect(failures[0]?.reason).toMatch(/shut by its owner/);
  });
});
