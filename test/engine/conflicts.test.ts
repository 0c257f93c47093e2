import { hooked, keyAt, only, TABLE, World } from "./world";

async function population(world: World, at: number): Promise<unknown> {
  const row = await world.destination.readRow(TABLE, keyAt(at));
  return row && JSON.parse(Buffer.from(row.body).toString()).population;
}

/** Somebody changes row 1 just before the first batch is written. */
function racing(world: World) {
  let raced = false;
  const destination = hooked(world.destination, {
    before: async (method, [table]) => {
      if (method !== "write" || table !== TABLE || raced) return;
      raced = true;
      await world.put(world.destination, keyAt(1), { population: 999 });
    },
  });
  return { destination, raced: () => raced };
}

describe("a conflict", () => {
  it("is a row that somebody else changed after it was copied: refused, named with its properties, kept", async () => {
    const world = new World();
    await world.seed(10);
    await world.copy();
    await world.put(world.destination, keyAt(4), { population: 99, name: "city 4" });
    const outcome = await world.copy();
    expect(outcome.verdict).toBe("different");
    expect(only(outcome)).toMatchObject({ verdict: "different", conflicts: 1, different: 0, written: 0 });
    expect(world.differences).toMatchObject([{ class: "conflict", ...keyAt(4), properties: [{ name: "population" }] }]);
    expect(await population(world, 4)).toBe(99);
  });

  it("stays one on every later run until it is decided", async () => {
    const world = new World();
    await world.seed(10);
    await world.copy();
    await world.put(world.destination, keyAt(4), { population: 99 });
    for (let again = 0; again < 3; again += 1) {
      expect(only(await world.copy())).toMatchObject({ conflicts: 1, written: 0 });
    }
    const told = only(await world.copy({ settings: { conflicts: "overwrite" } }));
    expect(told).toMatchObject({ verdict: "equal", written: 1, conflicts: 0 });
    expect(await population(world, 4)).toBe(4);
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 0, conflicts: 0 });
  });

  it("is a differing row that was there before the first run", async () => {
    const world = new World();
    await world.seed(10);
    await world.put(world.destination, keyAt(2), { population: -5 });
    expect(only(await world.copy())).toMatchObject({ verdict: "different", conflicts: 1, written: 9 });
    expect(await population(world, 2)).toBe(-5);
  });

  it("is none where the row was there before and equal: the source's next change is applied", async () => {
    const world = new World();
    await world.seed(3);
    for (let at = 0; at < 3; at += 1) {
      await world.put(world.destination, keyAt(at), { population: at, name: `city ${at}` });
    }
    // A destination without an order is not read by the first pass: an insert that met its equal counts as written.
    const isRead = world.destination.ordered || !world.source.ordered;
    const counts = isRead ? { written: 0, unchanged: 3 } : { written: 3, unchanged: 0 };
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", ...counts });
    await world.put(world.source, keyAt(1), { population: 11 });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 1, conflicts: 0 });
  });

  it("is none where somebody else wrote the very value that the source has", async () => {
    const world = new World();
    await world.seed(3);
    await world.copy();
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.put(world.destination, keyAt(1), { population: 11 });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 0, unchanged: 3 });
  });

  it("is a row that the source deleted and somebody changed: not deleted unless told", async () => {
    const world = new World();
    await world.seed(3);
    await world.copy();
    await world.put(world.destination, keyAt(1), { population: 77 });
    await world.remove(world.source, keyAt(1));
    const settings = { deletes: "propagate" as const };
    expect(only(await world.copy({ settings }))).toMatchObject({ verdict: "different", conflicts: 1, deleted: 0 });
    const told = await world.copy({ settings: { ...settings, conflicts: "overwrite" } });
    expect(only(told)).toMatchObject({ verdict: "equal", deleted: 1 });
  });

  it("is found even when the change comes between reading and writing", async () => {
    const world = new World();
    await world.seed(6);
    await world.copy();
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.put(world.source, keyAt(4), { population: 14 });
    const { destination, raced } = racing(world);
    const table = only(await world.copy({ destination }));
    expect(raced()).toBe(true);
    expect(table).toMatchObject({ verdict: "different", conflicts: 1, written: 1, different: 0 });
    expect(await population(world, 1)).toBe(999);
    expect(await population(world, 4)).toBe(14);
  });

  it("is overwritten between reading and writing where the user said so", async () => {
    const world = new World();
    await world.seed(6);
    await world.copy();
    await world.put(world.source, keyAt(1), { population: 11 });
    const { destination, raced } = racing(world);
    const table = only(await world.copy({ destination, settings: { conflicts: "overwrite" } }));
    expect(raced()).toBe(true);
    expect(table).toMatchObject({ verdict: "equal", conflicts: 0, written: 1 });
    expect(await population(world, 1)).toBe(11);
  });
});
