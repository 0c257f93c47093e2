import { listAccess, removeAccess } from "../../migration/access/listAccess";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { accountOf, newWorld, policy } from "./world";

function world() {
  const made = newWorld(["contosotables", ["Cities", "Types", JOURNAL_TABLE]]);
  accountOf(made).tables.set("Cities", [policy("backup"), policy("landbridge-a"), policy("landbridge-b")]);
  accountOf(made).tables.set("Types", [policy("landbridge-a")]);
  return made;
}

describe("what is left on an account when state is lost", () => {
  it("is found by name, and nothing is changed by looking", async () => {
    const account = accountOf(world());
    const found = await listAccess(account);
    expect(found.policies.map(({ table, policy: { id } }) => `${table} ${id}`))
      .toEqual(["Cities landbridge-a", "Cities landbridge-b", "Types landbridge-a"]);
    expect(found.journal).toBe(true);
    expect(account.writes()).toEqual([]);
  });

  it("is removed, others' policies and all data tables stay", async () => {
    const made = world();
    await removeAccess(accountOf(made), { journal: true }, made);
    expect(accountOf(made).tables).toEqual(new Map([["Cities", [policy("backup")]], ["Types", []]]));
    expect((await listAccess(accountOf(made))).policies).toEqual([]);
  });

  it("is removed one policy at a time where several moves are under way", async () => {
    const made = world();
    const removed = await removeAccess(accountOf(made), { policyIds: ["landbridge-b"], journal: false }, made);
    expect(removed).toMatchObject({ policies: [{ table: "Cities" }], journal: false });
    expect(accountOf(made).tables.get("Cities")).toEqual([policy("backup"), policy("landbridge-a")]);
    expect(accountOf(made).tables.has(JOURNAL_TABLE)).toBe(true);
  });

  it("takes the journal only with the last policy: a move that stays would be lost without it", async () => {
    const made = world();
    const one = await removeAccess(accountOf(made), { policyIds: ["landbridge-b"], journal: true }, made);
    expect(one.journal).toBe(false);
    expect(one.notes[0]).toMatch(/landbridgejournal stays: .*\(landbridge-a\)/);
    expect(accountOf(made).tables.has(JOURNAL_TABLE)).toBe(true);
    const rest = await removeAccess(accountOf(made), { policyIds: ["landbridge-a"], journal: true }, made);
    expect(rest.journal).toBe(true);
    expect(accountOf(made).tables.has(JOURNAL_TABLE)).toBe(false);
  });

  it("leaves the journal to a move that came while policies were being removed", async () => {
    const made = world();
    accountOf(made).after = () => void accountOf(made).tables.set(JOURNAL_TABLE, [policy("landbridge-new")]);
    const removed = await removeAccess(accountOf(made), { journal: true }, made);
    expect(removed.journal).toBe(false);
    expect(removed.notes[0]).toMatch(/landbridge-new/);
    expect(accountOf(made).tables.has(JOURNAL_TABLE)).toBe(true);
  });

  it("never takes a policy of somebody else, even when asked by name", async () => {
    const made = world();
    await removeAccess(accountOf(made), { policyIds: ["backup"], journal: false }, made);
    expect(accountOf(made).writes()).toEqual([]);
  });

  it("says what cannot be found by name: network rules, and the key that signed", async () => {
    const made = world();
    accountOf(made).rules = { defaultAction: "Deny", ipRules: [{ value: "203.0.113.9" }] };
    const notes = (await listAccess(accountOf(made))).notes.join("\n");
    expect(notes).toMatch(/Network rules bear no name.*203\.0\.113\.9/);
    expect(notes).toMatch(/regenerate the key/);
  });
});
