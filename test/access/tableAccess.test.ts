import {
  grantAccess, PartlyGranted, renewalDue, revokeAccess, type AccessRequest,
} from "../../migration/access/tableAccess";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { accountOf, newWorld, policy } from "./world";

const source: AccessRequest = {
  account: "contosotables", purpose: "source", tables: ["Cities", "Types"], lifetimeHours: 72, keyName: "key2",
  createMissing: false, policyId: "landbridge-demo",
};
const destination: AccessRequest = { ...source, purpose: "destination", createMissing: true };

interface Bundle {
  readonly account: string;
  readonly endpoint: string;
  readonly expiresOn: string;
  readonly tables: Record<string, string>;
}
const parse = (text: string) => JSON.parse(text) as Bundle;

describe("access to tables", () => {
  it("lets a source be read and nothing more: the policy says what and until when, the token names it", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types", "Other"]]);
    const account = accountOf(world);
    account.tables.set("Cities", [policy("backup")]);
    const granted = await grantAccess(account, source, world);
    expect(account.tables.get("Cities")).toEqual([policy("backup"), {
      id: "landbridge-demo", permissions: "r",
      startsOn: "2025-12-31T23:45:00.000Z", expiresOn: "2026-01-04T00:00:00.000Z",
    }]);
    expect(account.tables.get("Other")).toEqual([]);
    const bundle = parse(granted.bundle);
    expect(Object.keys(bundle.tables)).toEqual(["Cities", "Types"]);
    const token = new URLSearchParams(bundle.tables["Cities"]);
    expect([...token.keys()].sort()).toEqual(["si", "sig", "spr", "sv", "tn"]);
    expect(token.get("spr")).toBe("https");
    expect(granted).toMatchObject({ expiresOn: "2026-01-04T00:00:00.000Z", tables: ["Cities", "Types"] });
  });

  it("creates a destination's tables and journal, and lets all be written", async () => {
    const world = newWorld(["contosotables", ["Cities"]]);
    const granted = await grantAccess(accountOf(world), destination, world);
    expect([...accountOf(world).tables.keys()].sort()).toEqual(["Cities", "Types", JOURNAL_TABLE].sort());
    for (const [, policies] of accountOf(world).tables) expect(policies).toMatchObject([{ permissions: "raud" }]);
    expect(Object.keys(parse(granted.bundle).tables)).toContain(JOURNAL_TABLE);
    expect(granted.tables).toEqual(["Cities", "Types"]);
  });

  it("binds tokens to the addresses given", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    const range = { first: 0xc6336407, last: 0xc6336409 };
    const { bundle } = await grantAccess(accountOf(world), { ...source, range }, world);
    expect(new URLSearchParams(parse(bundle).tables["Types"]).get("sip")).toBe("198.51.100.7-198.51.100.9");
  });

  it("means every table but the journal by all", async () => {
    const world = newWorld(["contosotables", ["Cities", JOURNAL_TABLE, "Types"]]);
    const granted = await grantAccess(accountOf(world), { ...source, tables: "all" }, world);
    expect(granted.tables).toEqual(["Cities", "Types"]);
    expect(accountOf(world).tables.get(JOURNAL_TABLE)).toEqual([]);
  });

  it("is refused before anything is changed when one of many tables has five policies", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    accountOf(world).tables.set("Types", ["a", "b", "c", "d", "e"].map((id) => policy(id)));
    await expect(grantAccess(accountOf(world), source, world)).rejects.toMatchObject({ code: "TooManyPolicies" });
    await expect(grantAccess(accountOf(world), destination, world)).rejects.toMatchObject({ code: "TooManyPolicies" });
    expect(accountOf(world).writes()).toEqual([]);
  });

  it("is refused before anything is changed when tables are missing, and names all of them", async () => {
    const world = newWorld(["contosotables", ["Cities"]]);
    const request = { ...source, tables: ["Typo", "Cities", "Typo2"] };
    await expect(grantAccess(accountOf(world), request, world)).rejects.toThrow(/no table Typo, Typo2/);
    expect(accountOf(world).writes()).toEqual([]);
  });

  it("is refused, with the remedy, where the account takes no shared key", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    accountOf(world).sharedKey = false;
    const granting = grantAccess(accountOf(world), source, world);
    await expect(granting).rejects.toThrow(/allowSharedKeyAccess.*Run the same command again/);
    expect(accountOf(world).writes()).toEqual([]);
  });

  it("names the missing right before anything is changed", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    accountOf(world).denied.add("listKeys");
    await expect(grantAccess(accountOf(world), source, world)).rejects.toMatchObject({ code: "AuthorizationFailed" });
    expect(accountOf(world).writes()).toEqual([]);
  });

  it("waits until a new policy acts, which takes up to 30 seconds", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    world.policyDelayMs = 30_000;
    await grantAccess(accountOf(world), source, world);
    expect(world.clock.slept).toBeGreaterThanOrEqual(30_000);
  });

  it("that never works is said, without the token, and what was granted is remembered", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    world.policyDelayMs = 3_600_000;
    const error = await grantAccess(accountOf(world), source, world).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PartlyGranted);
    const partly = error as PartlyGranted;
    expect([...partly.granted].sort()).toEqual(["Cities", "Types"]);
    expect(partly.message).toMatch(/token for table Cities .* does not work: .* 403 AuthenticationFailed/);
    expect(partly.message).not.toMatch(/sig|sv=/);
  });

  it("says, and does not refuse, that a token bound to other addresses cannot be tried from here", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    world.refuse = { status: 403, code: "AuthorizationSourceIPMismatch" };
    await grantAccess(accountOf(world), source, world);
    expect(world.said.join()).toMatch(/Cities, Types .* cannot be tried from here: .* bound to other addresses/);
  });

  it("waits for an earlier table of the same name to be gone", async () => {
    const world = newWorld(["contosotables", ["Cities"]]);
    accountOf(world).beingDeletedUntilMs.set("Types", world.clock.now() + 40_000);
    await grantAccess(accountOf(world), destination, world);
    expect(accountOf(world).tables.has("Types")).toBe(true);
  });

  it("mints the same token again while key and terms are the same: only the policy moves", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    const first = await grantAccess(accountOf(world), source, world);
    world.clock.nowMs += 60 * 3_600_000;
    const second = await grantAccess(accountOf(world), source, world);
    expect(parse(second.bundle).tables).toEqual(parse(first.bundle).tables);
    expect(second.expiresOn).toBe("2026-01-06T12:00:00.000Z");
    expect(accountOf(world).tables.get("Cities")).toMatchObject([{ expiresOn: "2026-01-06T12:00:00.000Z" }]);
  });

  it("taken back is gone from every table, and twice is as good as once; others and data stay", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    const account = accountOf(world);
    account.tables.set("Cities", [policy("backup"), policy("landbridge-other")]);
    const { bundle } = await grantAccess(account, destination, world);
    const tables = ["Cities", "Types", "Never", JOURNAL_TABLE];
    const revoke = { tables, policyId: "landbridge-demo", dropJournal: true };
    await revokeAccess(account, revoke, world);
    const others = [policy("backup"), policy("landbridge-other")];
    expect(account.tables).toEqual(new Map([["Cities", others], ["Types", []]]));
    const answer = account.answer("Cities()", parse(bundle).tables["Cities"] ?? "", 0);
    expect(answer).toEqual({ status: 403, code: "AuthenticationFailed" });
    const writes = account.writes().length;
    await revokeAccess(account, revoke, world);
    expect(account.writes()).toHaveLength(writes);
  });

  it("taken back by one of two moves into an account leaves the journal to the other, which deletes it", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    const account = accountOf(world);
    await grantAccess(account, destination, world);
    await grantAccess(account, { ...destination, policyId: "landbridge-other" }, world);
    const tables = ["Cities", "Types", JOURNAL_TABLE];
    await revokeAccess(account, { tables, policyId: "landbridge-demo", dropJournal: true }, world);
    expect(account.tables.get(JOURNAL_TABLE)?.map(({ id }) => id)).toEqual(["landbridge-other"]);
    expect(world.said.join()).toMatch(/landbridgejournal .* stays: other moves \(landbridge-other\)/);
    await revokeAccess(account, { tables, policyId: "landbridge-other", dropJournal: true }, world);
    expect(account.tables.has(JOURNAL_TABLE)).toBe(false);
  });

  it("taken back after half a grant takes its own policy off the journal before it looks who is left", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    const account = accountOf(world);
    await grantAccess(account, destination, world);
    await revokeAccess(account, { tables: [], policyId: "landbridge-demo", dropJournal: true }, world);
    expect(account.tables.has(JOURNAL_TABLE)).toBe(false);
  });

  it("taken back deletes the journal although a policy of somebody else's stands on it", async () => {
    const world = newWorld(["contosotables", ["Cities", "Types"]]);
    await grantAccess(accountOf(world), destination, world);
    accountOf(world).tables.get(JOURNAL_TABLE)?.push(policy("backup"));
    await revokeAccess(accountOf(world), { tables: [], policyId: "landbridge-demo", dropJournal: true }, world);
    expect(accountOf(world).tables.has(JOURNAL_TABLE)).toBe(false);
  });
});

describe("renewal", () => {
  const expiresOn = "2026-01-04T00:00:00Z";
  const hoursBefore = (hours: number) => Date.parse(expiresOn) - hours * 3_600_000;

  it("is due with less than a quarter of the lifetime left, and not before", () => {
    expect(renewalDue(expiresOn, 72, hoursBefore(18))).toBe(false);
    expect(renewalDue(expiresOn, 72, hoursBefore(17.99))).toBe(true);
    expect(renewalDue(expiresOn, 72, hoursBefore(-1))).toBe(true);
  });

  it("is due when the expiry is not known", () => {
    expect(renewalDue("", 72, 0)).toBe(true);
  });
});
