import fc from "fast-check";
import type { NetworkRules } from "../../migration/access/accountManagement";
import { closeNetwork, openNetwork, PartlyOpened } from "../../migration/access/networkAccess";
import { NO_RULES, type RuleValues } from "../../migration/access/networkRules";
import { OperationalError } from "../../migration/engine/errors";
import { accountOf, newWorld, type World } from "./world";

const SUBNET = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/${name}`;

function world(rules: Partial<NetworkRules> = {}): World {
  const made = newWorld(["contosotables", []]);
  accountOf(made).rules = { defaultAction: "Deny", bypass: "Logging", ipRules: [], ...rules };
  return made;
}

const wanted = (...ipRules: string[]): RuleValues => ({ ...NO_RULES, ipRules });
const values = (rules: NetworkRules) => (rules.ipRules ?? []).map(({ value }) => value);
const address = fc.integer({ min: 1, max: 12 }).map((last) => `203.0.113.${last}`);
const addresses = fc.uniqueArray(address, { maxLength: 6 });

describe("an opening in an account's firewall", () => {
  it("adds what is missing, and closing it takes exactly that away, whatever else is there", async () => {
    await fc.assert(fc.asyncProperty(addresses, addresses, addresses, async (before, asked, later) => {
      const made = world({
        ipRules: before.map((value) => ({ value, action: "Allow" })),
        subnetRules: [{ subnetId: SUBNET("theirs"), action: "Allow", state: "Succeeded" }],
        resourceRules: [{ tenantId: "t", resourceId: "r" }],
      });
      const account = accountOf(made);
      const untouched = (({ ipRules: _, ...rest }) => rest)(account.rules);
      const access = await openNetwork(account, wanted(...asked), NO_RULES, made);
      expect(new Set(values(account.rules))).toEqual(new Set([...before, ...asked]));
      expect(access.added.ipRules).toEqual(asked.filter((value) => !before.includes(value)));
      // Somebody else opens more while the move goes on.
      const theirs = later.filter((value) => !values(account.rules).includes(value));
      const more = theirs.map((value) => ({ value }));
      account.rules = { ...account.rules, ipRules: [...(account.rules.ipRules ?? []), ...more] };
      await closeNetwork(account, access.added, made);
      expect(values(account.rules)).toEqual([...before, ...theirs]);
      expect((({ ipRules: _, ...rest }) => rest)(account.rules)).toEqual(untouched);
    }));
  });

  it("keeps rules that others add at any moment, and ours come through writers that undo them", async () => {
    const undoings = fc.integer({ min: 1, max: 3 });
    await fc.assert(fc.asyncProperty(addresses, addresses, undoings, async (asked, theirs, times) => {
      fc.pre(asked.length > 0);
      const made = world();
      const account = accountOf(made);
      const other = theirs.filter((value) => !asked.includes(value)).map((value) => ({ value }));
      let left = times;
      // A writer that had read the set before ours was in it, and writes it back with theirs.
      account.after = () => {
        if (left-- > 0) account.rules = { ...account.rules, ipRules: other };
      };
      const access = await openNetwork(account, wanted(...asked), NO_RULES, made);
      expect(new Set(values(account.rules))).toEqual(new Set([...asked, ...other.map(({ value }) => value)]));
      account.after = () => undefined;
      await closeNetwork(account, access.added, made);
      expect(new Set(values(account.rules))).toEqual(new Set(other.map(({ value }) => value)));
    }));
  });

  it("knows a rule again that the service spells otherwise", async () => {
    const made = world({ subnetRules: [{ subnetId: SUBNET("Migration").toUpperCase() }] });
    const asked = { ...NO_RULES, subnetIds: [SUBNET("migration")] };
    const access = await openNetwork(accountOf(made), asked, NO_RULES, made);
    expect(access.added).toEqual(NO_RULES);
    expect(accountOf(made).writes()).toEqual([]);
  });

  it("invents no IPv6 list where the service shows none, and keeps the one it shows", async () => {
    const without = world();
    await openNetwork(accountOf(without), wanted("203.0.113.1"), NO_RULES, without);
    expect(accountOf(without).rules).not.toHaveProperty("ipv6Rules");
    const having = world({ ipv6Rules: [{ value: "2001:db8::/64" }] });
    await openNetwork(accountOf(having), wanted("203.0.113.1"), NO_RULES, having);
    expect(accountOf(having).rules.ipv6Rules).toEqual([{ value: "2001:db8::/64" }]);
  });

  it("is not needed where the account lets every network in", async () => {
    const made = world({ defaultAction: "Allow" });
    const access = await openNetwork(accountOf(made), wanted("203.0.113.1"), NO_RULES, made);
    expect(access).toMatchObject({ added: NO_RULES, defaultAction: "Allow" });
    expect(accountOf(made).writes()).toEqual([]);
  });

  const shut = ["Disabled", "SecuredByPerimeter"] as const;
  it.each(shut)("is refused, with the remedy, when public access is %s", async (is) => {
    const made = world();
    accountOf(made).publicAccess = is;
    const open = openNetwork(accountOf(made), wanted("203.0.113.1"), NO_RULES, made);
    await expect(open).rejects.toThrow(/private endpoint/);
    expect(accountOf(made).writes()).toEqual([]);
  });

  it("waits until this machine is let in", async () => {
    const made = world();
    let refusals = 3;
    const access = await openNetwork(accountOf(made), wanted("203.0.113.1"), NO_RULES, {
      ...made,
      tryToken: () => Promise.resolve(refusals-- > 0
        ? { status: 403, code: "AuthorizationFailure" } : { status: 200, code: "" }),
    });
    expect(access.added.ipRules).toEqual(["203.0.113.1"]);
    expect(refusals).toBe(-1);
    expect(made.clock.slept).toBeGreaterThan(0);
  });

  it("says, and does not refuse, that another machine is the one let in", async () => {
    const made = world();
    made.refuse = { status: 403, code: "AuthorizationFailure" };
    await openNetwork(accountOf(made), wanted("203.0.113.1"), NO_RULES, made);
    expect(made.said.join()).toMatch(/does not let this machine in/);
  });

  it("that failed half-way remembers what may have been added", async () => {
    const made = world();
    const account = accountOf(made);
    account.after = () => {
      throw new OperationalError({ code: "ManagementFailed", message: "the answer was lost", retryable: true });
    };
    const open = openNetwork(account, wanted("203.0.113.1"), NO_RULES, made);
    const error = await open.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PartlyOpened);
    expect((error as PartlyOpened).added.ipRules).toEqual(["203.0.113.1"]);
  });

  it("that cannot be looked at any more after it was written remembers what it added", async () => {
    const made = world();
    const account = accountOf(made);
    account.after = () => void account.denied.add("getNetworkRules");
    const error = await openNetwork(account, wanted("203.0.113.1"), NO_RULES, made).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PartlyOpened);
    expect((error as PartlyOpened).added.ipRules).toEqual(["203.0.113.1"]);
  });

  it("that was refused outright leaves nothing to remember", async () => {
    const made = world();
    accountOf(made).denied.add("setNetworkRules");
    const open = openNetwork(accountOf(made), wanted("203.0.113.1"), NO_RULES, made);
    await expect(open).rejects.toMatchObject({ name: "OperationalError", code: "AuthorizationFailed" });
  });

  it("closes without a write when somebody closed it already", async () => {
    const made = world();
    await closeNetwork(accountOf(made), wanted("203.0.113.1"), made);
    expect(accountOf(made).writes()).toEqual([]);
  });
});
