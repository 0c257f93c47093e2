import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Store, WriteOperation } from "../../migration/engine/store";
import { hooked, keyAt, only, TABLE, World } from "./world";

/** A time-out whose request the service carries out all the same, when somebody says so. */
function losing(store: Store, table: string, nth: number): { store: Store; land: () => Promise<void> } {
  const lost: (readonly WriteOperation[])[] = [];
  let writes = 0;
  const destination = hooked(store, {
    before: (method, args) => {
      if (method !== "write" || args[0] !== table) return;
      writes += 1;
      if (writes !== nth) return;
      lost.push(args[1] as readonly WriteOperation[]);
      const message = "No answer in time.";
      throw new OperationalError({ code: "TimedOut", message, retryable: true, ambiguous: true });
    },
  });
  const land = async () => {
    for (const operations of lost) await store.write(table, operations);
  };
  return { store: destination, land };
}

describe("a request that is carried out after its run has given it up", () => {
  it.each([1, 2, 3, 4])("does not put an older journal record (write %i) over a newer one", async (nth) => {
    const world = new World();
    await world.seed(30);
    // Leases are written first; the journal's records follow.
    const late = losing(world.destination, JOURNAL_TABLE, nth + 1);
    expect(only(await world.copy({ destination: late.store }))).toMatchObject({ verdict: "equal", written: 30 });
    for (let at = 0; at < 30; at += 1) await world.put(world.source, keyAt(at), { population: -at });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 30, conflicts: 0 });
    await late.land();
    // The receipts are those of the second run: its rows are known as ours, and nothing is open.
    for (let at = 0; at < 30; at += 1) await world.put(world.source, keyAt(at), { population: 1_000 + at });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 30, conflicts: 0 });
  });

  it("does not put an older row over a newer one", async () => {
    const world = new World();
    await world.seed(30);
    const late = losing(world.destination, TABLE, 1);
    expect(only(await world.copy({ destination: late.store }))).toMatchObject({ verdict: "equal", written: 30 });
    for (let at = 0; at < 30; at += 1) await world.put(world.source, keyAt(at), { population: -at });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 30 });
    await late.land();
    expect(only(await world.verify())).toMatchObject({ verdict: "equal" });
  });

  it("does not let a run whose lease another one took write into the journal", async () => {
    const world = new World();
    await world.seed(30);
    let asleep = false;
    let second: unknown;
    const destination = hooked(world.destination, {
      // Its machine is suspended with a segment written and not yet acknowledged; meanwhile another run does it all.
      after: async (method, [table]) => {
        if (method !== "write" || table !== TABLE || asleep) return;
        asleep = true;
        world.clock.advance(120_000);
        second = only(await world.copy({ runId: "second" }));
        for (let at = 0; at < 30; at += 1) await world.put(world.source, keyAt(at), { population: -at });
        expect(only(await world.copy({ runId: "third" }))).toMatchObject({ verdict: "equal", conflicts: 0 });
      },
    });
    const first = await world.copy({ destination, runId: "first" });
    expect(second).toMatchObject({ verdict: "equal" });
    expect(only(first).error).toMatchObject({ code: "LeaseLost" });
    for (let at = 0; at < 30; at += 1) await world.put(world.source, keyAt(at), { population: 1_000 + at });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", conflicts: 0 });
  });
});
