import fc from "fast-check";
import type { AccessPolicy } from "../../migration/access/accountManagement";
import { withoutPolicy, withPolicy } from "../../migration/access/policies";
import { dropPolicy, putPolicy } from "../../migration/access/policyChange";
import { MemoryAccount, policy, VirtualClock } from "./world";

const ours = policy("landbridge-a");
const pausing = () => ({ clock: new VirtualClock(), random: () => 0.5 });
const foreign = fc.uniqueArray(fc.constantFrom("backup", "reader", "etl", "audit", "landbridge-b", "Landbridge-a"), {
  maxLength: 5,
}).map((ids) => ids.map((id) => policy(id)));

describe("a table's stored access policies", () => {
  it("keep every policy of others, in its place, when ours is put and taken away again", () => {
    fc.assert(fc.property(foreign, (others) => {
      fc.pre(others.length < 5);
      const added = withPolicy(others, ours, "Cities");
      expect(added.filter(({ id }) => id !== ours.id)).toEqual(others);
      expect(added).toContainEqual(ours);
      expect(withoutPolicy(added, ours.id)).toEqual(others);
    }));
  });

  it("hold a renewed policy once, with the new expiry", () => {
    const later = { ...ours, expiresOn: "2028-01-01T00:00:00.000Z" };
    const list = withPolicy([policy("backup"), ours, policy("etl")], later, "Cities");
    expect(list).toEqual([policy("backup"), later, policy("etl")]);
  });

  it("renew ours even when the list is full", () => {
    const full = [ours, ...["a", "b", "c", "d"].map((id) => policy(id))];
    expect(withPolicy(full, ours, "Cities")).toHaveLength(5);
  });

  it("refuse a sixth, naming the table, those that are there, and the remedy", () => {
    const full = ["a", "b", "c", "d", "landbridge-old"].map((id) => policy(id));
    const put = () => withPolicy(full, ours, "Cities");
    expect(put).toThrow(/Table Cities already has 5 stored access policies \("a", "b", "c", "d", "landbridge-old"\)/);
    expect(put).toThrow(/Remove one that is no longer needed.*landbridge access list/);
  });

  it("are not written when there is nothing to take away", () => {
    expect(withoutPolicy([policy("a")], ours.id)).toBeUndefined();
  });

  it("survive another writer who replaces the list between our read and our write", async () => {
    await fc.assert(fc.asyncProperty(foreign, fc.integer({ min: 0, max: 3 }), async (others, undone) => {
      fc.pre(others.length < 4);
      const account = new MemoryAccount("contosotables", new VirtualClock(), ["Cities"]);
      account.tables.set("Cities", [...others]);
      let left = undone;
      // The other writer had read the list before ours was on it, and writes it back with one of theirs more.
      account.after = () => {
        if (left === 0) return;
        left -= 1;
        account.tables.set("Cities", [...others, policy(`other`)]);
      };
      await putPolicy(account, "Cities", ours, pausing());
      const list = account.tables.get("Cities") as AccessPolicy[];
      expect(list).toContainEqual(ours);
      expect(list.filter(({ id }) => id !== ours.id)).toEqual(undone > 0 ? [...others, policy("other")] : others);
    }));
  });

  it("are read again after waiting for another writer: what they wrote meanwhile stays", async () => {
    const account = new MemoryAccount("contosotables", new VirtualClock(), ["Cities"]);
    let undone = false;
    account.after = () => {
      if (!undone) account.tables.set("Cities", []);
      undone = true;
    };
    const clock = new VirtualClock();
    const sleep = (ms: number) => {
      account.tables.set("Cities", [policy("theirs")]);
      return clock.sleep(ms);
    };
    await putPolicy(account, "Cities", ours, { clock: { now: () => clock.now(), sleep }, random: () => 0.5 });
    expect(account.tables.get("Cities")).toEqual([policy("theirs"), ours]);
  });

  it("give up aloud when somebody undoes ours again and again", async () => {
    const account = new MemoryAccount("contosotables", new VirtualClock(), ["Cities"]);
    account.after = () => void account.tables.set("Cities", []);
    await expect(putPolicy(account, "Cities", ours, pausing())).rejects.toMatchObject({ code: "PolicyLost" });
  });

  it("that come back are taken away again", async () => {
    const account = new MemoryAccount("contosotables", new VirtualClock(), ["Cities"]);
    account.tables.set("Cities", [ours, policy("backup")]);
    let once = true;
    account.after = () => {
      if (once) account.tables.set("Cities", [ours, policy("backup"), policy("etl")]);
      once = false;
    };
    expect(await dropPolicy(account, "Cities", ours.id, pausing())).toBe("removed");
    expect(account.tables.get("Cities")).toEqual([policy("backup"), policy("etl")]);
  });

  it("of a table that is gone need no removal", async () => {
    const account = new MemoryAccount("contosotables", new VirtualClock());
    expect(await dropPolicy(account, "Cities", ours.id, pausing())).toBe("absent");
    expect(account.writes()).toEqual([]);
  });
});
