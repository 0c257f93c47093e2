import { INPUTS, keysOf, newFenceWorld, OPEN, OURS, setUp, SUBNET, THEIRS, down, up } from "./fenceWorld";

describe("a fence of keys", () => {
  const keys = { ...INPUTS, mode: "keys" };

  it("regenerates both keys, the one that the move signs with last, and shows that neither writes", async () => {
    const { fence, made, account, before, tried, world } = setUp();
    const regenerated: string[] = [];
    const regenerate = account.regenerateKey.bind(account);
    account.regenerateKey = (name) => (regenerated.push(name), regenerate(name));
    const { outs } = await fence.create(keys);
    expect(regenerated).toEqual(["key1", "key2"]);
    expect(keysOf(made).key1).not.toBe(before.key1);
    expect(keysOf(made).key2).not.toBe(before.key2);
    expect(tried.map(({ status }) => status)).toEqual([404, 403, 404, 403]);
    expect(outs).toMatchObject({ complete: true, keysShut: true, keysShown: ["key1", "key2"] });
    expect(outs["summary"]).toMatch(/both keys are new.*old key1 and key2 was refused\. Nobody has a role/);
    expect(account.rules).toBe(OPEN);
    for (const text of [JSON.stringify(outs), world.said.join()]) {
      for (const key of [...Object.values(before), ...Object.values(keysOf(made))]) expect(text).not.toContain(key);
      expect(text).not.toMatch(/sig=/);
    }
  });

  it("waits until the service has forgotten the old key, and for what was let in before", async () => {
    const { fence, made, world } = setUp();
    made.lateMs = 20_000;
    const startedMs = world.clock.now();
    const { outs } = await fence.create(keys);
    expect(made.tried.filter(({ status }) => status === 404).length).toBeGreaterThan(4);
    expect(Date.parse(String(outs["shutOn"])) - startedMs).toBeGreaterThan(2 * 20_000 + 60_000 - 1);
  });

  it("is not called shut while a write by the old key is let in", async () => {
    const { fence, made } = setUp();
    made.lateMs = 3_600_000;
    await expect(fence.create(keys)).rejects.toMatchObject({ code: "FenceOpen", retryable: true });
  });

  it("says that a refusal shows nothing where the old key was refused before, by a firewall", async () => {
    const { fence, made, world } = setUp();
    made.answer = { status: 403, code: "AuthorizationFailure" };
    const { outs } = await fence.create(keys);
    expect(outs).toMatchObject({ complete: true, keysShut: true, keysShown: [] });
    expect(outs["summary"]).not.toMatch(/was refused/);
    expect(world.said.join()).toMatch(/old key1 .* could not be tried from here \(403 AuthorizationFailure/);
  });

  it("refuses an account that takes no keys: its writers have roles", async () => {
    const { fence, account } = setUp();
    account.sharedKey = false;
    const refusal = { property: "mode", reason: expect.stringMatching(/refuses account keys.*Set fence to network/) };
    expect((await fence.check({}, keys)).failures).toEqual([refusal]);
    await expect(fence.create(keys)).rejects.toMatchObject({ code: "SharedKeyRefused" });
    expect(account.writes()).toEqual([]);
  });

  it("names whoever writes by a role, and says where that cannot be seen", async () => {
    const { fence, made } = setUp();
    const writer = { principalId: "p1", principalType: "ServicePrincipal", role: "Storage Table Data Contributor" };
    made.writers = [writer, ...Array.from({ length: 6 }, (_, at) => ({ ...writer, principalId: `q${at}` }))];
    const named = (await fence.create(keys)).outs["summary"];
    expect(named).toMatch(/NOT shut out.*: ServicePrincipal p1 \(Storage Table Data Contributor\).*, and 2 more\.$/);
    made.writers = undefined;
    expect((await fence.create(keys)).outs["summary"]).toMatch(/NOT shut out, and who that is could not be seen: No/);
  });

  it("gives no key back when it is deleted, and says what whoever comes back needs", async () => {
    const { fence, made, world, account } = setUp();
    const { id, outs } = await fence.create(keys);
    const [now, calls] = [keysOf(made), account.calls.length];
    await fence.delete(id, outs);
    expect(keysOf(made)).toEqual(now);
    expect(account.calls).toHaveLength(calls);
    expect(world.said.at(-1)).toMatch(/not given back.*az storage account keys list --account-name contosotables/);
  });
});

describe("a fence of the network", () => {
  const network = { mode: "network" };

  it("lets in the move alone, no service that Azure trusts and no other resource, and touches no key", async () => {
    const { made, account, state, before } = setUp();
    account.rules = { ...OPEN, ipRules: [{ value: OURS }, { value: THEIRS }] };
    expect(await up(made, state, network)).toEqual(["network created", "fence created"]);
    expect(account.rules).toEqual({
      defaultAction: "Deny", bypass: "Logging", ipRules: [{ value: OURS }], subnetRules: [], resourceRules: [],
    });
    expect(keysOf(made)).toEqual(before);
    expect(state.fence?.outs["summary"]).toMatch(/nobody but the move \(IP rule 203\.0\.113\.7\)/);
  });

  it("is unchanged in an unchanged world, and shuts again what somebody opened, at a new time", async () => {
    const { made, account, state } = setUp();
    await up(made, state, network);
    expect(await up(made, state, network)).toEqual([]);
    const shutOn = state.fence?.outs["shutOn"];
    account.rules = { ...account.rules, ipRules: [{ value: THEIRS }] };
    expect(await up(made, state, network)).toEqual(["fence updated"]);
    expect(account.rules.ipRules).toEqual([]);
    expect(state.fence?.outs["shutOn"]).not.toBe(shutOn);
    expect(await up(made, state, network)).toEqual([]);
  });

  it("lets in again whoever was let in, and leaves what came since", async () => {
    const { made, account, state } = setUp();
    await up(made, state, network);
    account.rules = { ...account.rules, ipRules: [{ value: OURS }] };
    await down(made, state);
    expect(account.rules).toEqual({
      ...OPEN, ipRules: [{ value: OURS }, { value: THEIRS, action: "Allow" }],
      subnetRules: [{ subnetId: SUBNET, action: "Allow" }],
    });
  });

  it("does not give back the move's own opening, which its access takes away", async () => {
    const { made, account, state } = setUp({ defaultAction: "Deny" });
    account.rules = { defaultAction: "Deny", ipRules: [{ value: OURS }, { value: THEIRS }] };
    await up(made, state, network);
    expect(account.rules.ipRules).toEqual([{ value: OURS }]);
    account.rules = { defaultAction: "Deny", ipRules: [] };
    await down(made, state);
    expect(account.rules).toEqual({ defaultAction: "Deny", ipRules: [{ value: THEIRS, action: "Allow" }] });
  });

  it("refuses private endpoints, which no rule shuts out, unless keys go too; and no public access", async () => {
    const { made, account, state } = setUp();
    account.privateEndpoints = 2;
    await expect(up(made, state, network)).rejects.toMatchObject({ code: "PrivateWaysIn" });
    account.privateEndpoints = 0;
    account.publicAccess = "Disabled";
    await expect(up(made, state, network)).rejects.toMatchObject({ code: "PublicAccessDisabled" });
    expect(account.writes()).toEqual([]);
    account.publicAccess = "Enabled";
    account.privateEndpoints = 2;
    await up(made, state, { mode: "both" });
    expect(account.rules.defaultAction).toBe("Deny");
  });

  it("gives up where somebody else keeps undoing it, and says so", async () => {
    const { made, account, state } = setUp();
    account.after = () => void (account.rules = OPEN);
    await expect(up(made, state, network)).rejects.toMatchObject({ code: "RulesLost" });
  });
});

describe("an account that holds more than the move takes along", () => {
  it("is not shut unless somebody says so: neither in a preview nor in an update", async () => {
    const made = newFenceWorld(["Cities", "Sessions", "landbridgejournal"]);
    made.account.otherData = ["queue jobs"];
    const checked = await made.fence.check({}, INPUTS);
    expect(checked.failures).toEqual([
      { property: "sharedAccount", reason: expect.stringMatching(/table Sessions, queue jobs\. .*fenceSharedAccount/) },
    ]);
    await expect(made.fence.create(INPUTS)).rejects.toMatchObject({ code: "AccountShared" });
    expect(made.account.writes()).toEqual([]);
    const told = { ...INPUTS, sharedAccount: true };
    expect((await made.fence.check({}, told)).failures).toEqual([]);
    expect((await made.fence.create(told)).outs).toMatchObject({ complete: true });
  });

  it("holds no strange table where all of them move, whatever their case; and names no more than eight", async () => {
    const made = newFenceWorld(["cities", "Sessions"]);
    expect((await made.fence.check({}, { ...INPUTS, tables: "all" })).failures).toEqual([]);
    expect((await made.fence.check({}, { ...INPUTS, tables: ["Cities", "sessions"] })).failures).toEqual([]);
    made.account.otherData = Array.from({ length: 11 }, (_, at) => `queue q${at}`);
    expect((await made.fence.check({}, INPUTS)).failures[0]?.reason).toMatch(/queue q6 and 4 more\./);
  });

  it("does not count once it is shut: what came later is its owner's", async () => {
    const { made, account, state } = setUp();
    await up(made, state);
    account.otherData = ["queue jobs"];
    expect(await up(made, state)).toEqual([]);
  });
});
