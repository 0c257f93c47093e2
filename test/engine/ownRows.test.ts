import { hooked, keyAt, only, TABLE, World } from "./world";

describe("a row of ours, when runs are killed", () => {
  const MODES = ["replace", "merge"] as const;

  /** A run that dies right before or right after its first write of rows. */
  async function killed(world: World, when: "before" | "after", mode: (typeof MODES)[number]): Promise<void> {
    let dead = false;
    const check = (method: string, table: unknown, dies: boolean) => {
      if (dead) throw new Error("killed");
      if (!dies || method !== "write" || table !== TABLE) return;
      dead = true;
      throw new Error("killed");
    };
    const destination = hooked(world.destination, {
      before: (method, [table]) => check(method, table, when === "before"),
      after: (method, [table]) => check(method, table, when === "after"),
    });
    await expect(world.copy({ destination, table: { mode } })).rejects.toThrow("killed");
  }

  it.each(MODES)("is recognised after it was written and not acknowledged (%s)", async (mode) => {
    const world = new World();
    await world.put(world.source, keyAt(0), { population: 1, founded: 1 });
    expect(only(await world.copy({ table: { mode } }))).toMatchObject({ verdict: "equal" });
    await world.put(world.source, keyAt(0), { population: 2 });
    await killed(world, "after", mode);
    await world.put(world.source, keyAt(0), { population: 3 });
    expect(only(await world.copy({ table: { mode } }))).toMatchObject({ verdict: "equal", conflicts: 0 });
  });

  it.each(MODES)("is recognised however many runs meant to write it and did not (%s)", async (mode) => {
    const world = new World();
    await world.put(world.source, keyAt(0), { population: 1 });
    expect(only(await world.copy({ table: { mode } }))).toMatchObject({ verdict: "equal" });
    for (let population = 2; population < 8; population += 1) {
      await world.put(world.source, keyAt(0), { population });
      await killed(world, "before", mode);
    }
    await world.put(world.source, keyAt(0), { population: 8 });
    expect(only(await world.copy({ table: { mode } }))).toMatchObject({ verdict: "equal", conflicts: 0 });
  });
});
