import { keyRotationHandler } from "../../migration/handlers/keyRotation";
import type { Properties } from "../../migration/handlers/handler";
import { UNKNOWN } from "../../migration/handlers/unknown";
import { accountOf, CONTOSO, newWorld } from "../access/world";

const inputs: Properties = { __provider: "text", account: CONTOSO, keyName: "key2" };

function setUp() {
  const world = newWorld(["contosotables", []]);
  return { world, account: accountOf(world), handler: keyRotationHandler(world) };
}

describe("KeyRotation", () => {
  it("does nothing on create but record which key it is, by a hash that is not the key", async () => {
    const { handler, account } = setUp();
    const { outs } = await handler.create(inputs);
    expect(account.writes()).toEqual([]);
    expect(outs["recordedOn"]).toBe("2026-01-01T00:00:00.000Z");
    expect(outs["fingerprint"]).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(outs)).not.toContain(account.keyValue("key2"));
  });

  it("regenerates that key on delete, and no other, and says so", async () => {
    const { handler, account, world } = setUp();
    const [key1, key2] = [account.keyValue("key1"), account.keyValue("key2")];
    const { id, outs } = await handler.create(inputs);
    await handler.delete(id, outs);
    expect(account.keyValue("key2")).not.toBe(key2);
    expect(account.keyValue("key1")).toBe(key1);
    expect(world.said).toEqual([expect.stringMatching(/Rotated key2 of .*contosotables/)]);
  });

  it("regenerates it once only, however often it is deleted", async () => {
    const { handler, account, world } = setUp();
    const { id, outs } = await handler.create(inputs);
    await handler.delete(id, outs);
    const after = account.keyValue("key2");
    await handler.delete(id, outs);
    expect(account.keyValue("key2")).toBe(after);
    expect(world.said[1]).toMatch(/has been rotated already/);
  });

  it("does not call a key rotated that is still the same", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.regenerateKey = () => Promise.resolve();
    await expect(handler.delete(id, outs)).rejects.toMatchObject({ code: "KeyNotRotated" });
  });

  it("notices in a preview that somebody changed the key, and an update records the new one", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    const unchanged = await handler.check(inputs, inputs);
    expect(await handler.diff(id, outs, unchanged.inputs)).toEqual({ changes: false });
    await account.regenerateKey("key2");
    const { inputs: news } = await handler.check(inputs, inputs);
    expect(await handler.diff(id, outs, news)).toEqual({ changes: true });
    const updated = await handler.update(id, outs, news);
    const theirs = account.keyValue("key2");
    await handler.delete(id, updated.outs);
    expect(account.keyValue("key2")).not.toBe(theirs);
  });

  it("previews without the right to look at keys, and without a diff", async () => {
    const { handler, account } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.denied.add("listKeys");
    const checked = await handler.check(inputs, inputs);
    expect(checked).toEqual({ inputs, failures: [] });
    expect(await handler.diff(id, outs, checked.inputs)).toEqual({ changes: false });
  });

  it("is another one with another key or account", async () => {
    const { handler } = setUp();
    const { id, outs } = await handler.create(inputs);
    expect(await handler.diff(id, outs, { ...inputs, keyName: "key1" })).toMatchObject({ replaces: expect.anything() });
    const account = { ...CONTOSO, account: "elsewhere" };
    expect(await handler.diff(id, outs, { ...inputs, account })).toMatchObject({ replaces: expect.anything() });
  });

  it("asks nobody anything about values that are not known yet", async () => {
    const { handler, account } = setUp();
    const news = { ...inputs, account: { ...CONTOSO, subscriptionId: UNKNOWN } };
    expect(await handler.check({}, news)).toEqual({ inputs: news, failures: [] });
    expect(await handler.diff("id", {}, news)).toEqual({ changes: true });
    expect(account.calls).toEqual([]);
  });

  it("is deleted when its account is gone; without the right to regenerate it is not", async () => {
    const { handler, account, world } = setUp();
    const { id, outs } = await handler.create(inputs);
    account.denied.add("regenerateKey");
    await expect(handler.delete(id, outs)).rejects.toMatchObject({ code: "AuthorizationFailed" });
    account.gone = true;
    await handler.delete(id, outs);
    expect(world.said.join()).toMatch(/is gone/);
  });
});
