import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE, LEASE_TERM_MS } from "../../migration/engine/journal";
import { type Hooks, hooked, keyAt, only, TABLE, World } from "./world";

/** A process that dies at its nth call to the destination: nothing of it goes through any more. */
function dyingAt(nth: number, when: "before" | "after"): { hooks: Hooks; calls: () => number } {
  let calls = 0;
  const die = () => {
    if (calls >= nth) throw new Error("killed");
  };
  return {
    calls: () => calls,
    hooks: {
      before: () => {
        if (when === "after" && calls >= nth) throw new Error("killed");
        calls += 1;
        if (when === "before") die();
      },
      after: () => (when === "after" ? die() : undefined),
    },
  };
}

async function change(world: World): Promise<void> {
  await world.put(world.source, keyAt(1), { population: 11 });
  await world.put(world.source, keyAt(40), { population: 40 });
  await world.remove(world.source, keyAt(2));
}

describe("a run that is killed", () => {
  it.each(["before", "after"] as const)("%s any one of its calls goes on to the same result", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const world = new World();
      await world.seed(12);
      const dying = dyingAt(nth, when);
      const destination = hooked(world.destination, dying.hooks);
      const settings = { deletes: "propagate" as const };
      const finished = await world.copy({ destination, settings }).then(() => true, () => false);
      await change(world);
      const table = only(await world.copy({ settings }));
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "equal", conflicts: 0, missing: 0, extra: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      if (finished && dying.calls() < nth) return;
    }
  });

  it("does not start over: what was acknowledged is not read again by the copy", async () => {
    const world = new World();
    await world.seedInOnePartition(5_000);
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += 1;
        if (journalled > 8) throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    const before = (await world.rows(world.destination)).length;
    expect(before).toBeGreaterThan(1_000);
    const afterKeys: string[] = [];
    const source = hooked(world.source, {
      before: (method, [, request]) => {
        const range = (request as { range?: { after?: { rowKey: string } } }).range;
        if (method === "readPage" && range?.after) afterKeys.push(range.after.rowKey);
      },
    });
    const table = only(await world.copy({ source }));
    expect(table).toMatchObject({ verdict: "equal" });
    if (!world.source.ordered) {
      // No place to go on from: all of it is read, and what was written stands.
      expect(table.written).toBe(5_000 - before);
      return;
    }
    const resumedAt = Number(afterKeys[0]) + 1;
    expect(resumedAt).toBeGreaterThan(0);
    // At most the segments that were under way are read again.
    expect(before - resumedAt).toBeLessThanOrEqual(4_000);
  });

  it("finds what changed behind the point where it goes on", async () => {
    const world = new World();
    await world.seed(3_000);
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += 1;
        if (journalled > 6) throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    const first = await world.rows(world.destination);
    expect(first.length).toBeGreaterThan(0);
    const [early] = first;
    if (!early) return;
    await world.put(world.source, early, { population: -1 });
    const table = only(await world.copy());
    expect(table).toMatchObject({ verdict: "equal", conflicts: 0 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  /** A copy of `rows` rows that dies when it has journalled a few segments. */
  async function interruptedCopy(world: World, writesToJournal: number): Promise<void> {
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += 1;
        if (journalled > writesToJournal) throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
  }

  it.each(["sample", "count"] as const)("copies what changed behind that point at level %s, too", async (level) => {
    const world = new World();
    await world.seedInOnePartition(5_000);
    await interruptedCopy(world, 8);
    await world.put(world.source, { partitionKey: "p", rowKey: "000003" }, { n: -1 });
    const table = only(await world.copy({ settings: { level, sampleRows: 1 } }));
    expect(table).toMatchObject({ verdict: "equal", conflicts: 0 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("propagates a deletion behind the point where it goes on", async () => {
    const world = new World();
    await world.seedInOnePartition(5_000);
    await interruptedCopy(world, 8);
    await world.remove(world.source, { partitionKey: "p", rowKey: "000003" });
    const table = only(await world.copy({ settings: { deletes: "propagate" } }));
    expect(table).toMatchObject({ verdict: "equal", deleted: 1, extra: 0 });
  });

  it("counts and lists a conflict once, though two passes meet it", async () => {
    const world = new World();
    await world.seedInOnePartition(5_000);
    await interruptedCopy(world, 8);
    const tampered = { partitionKey: "p", rowKey: "004900" };
    await world.put(world.destination, tampered, { tampered: true });
    await world.put(world.source, { partitionKey: "p", rowKey: "000003" }, { n: -1 });
    const table = only(await world.copy());
    expect(table).toMatchObject({ verdict: "different", conflicts: 1, different: 0 });
    // Two passes see the other rows unchanged; where one does it all, those that it wrote are not.
    if (world.source.ordered) expect(table.unchanged).toBe(4_998);
    else expect(table.unchanged + table.written).toBe(4_999);
    expect(table.samples).toMatchObject([{ class: "conflict", ...tampered }]);
    expect(world.differences).toHaveLength(1);
  });

  it("says how much was written even where a segment was not finished", async () => {
    const world = new World();
    await world.seedInOnePartition(1_000);
    let writes = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== TABLE) return;
        writes += 1;
        if (writes > 5) throw new OperationalError({ code: "AuthorizationFailure", message: "expired", status: 403 });
      },
    });
    const table = only(await world.copy({ destination }));
    const { written } = table;
    expect(table).toMatchObject({ verdict: "incomplete", error: { code: "AuthorizationFailure" } });
    expect(await world.rows(world.destination)).toHaveLength(written);
    // Five batches; without an order segments are smaller, and so is one of the batches.
    if (world.source.ordered) expect(written).toBe(500);
    else expect(written).toBeGreaterThan(400);
  });

  it("recognises its own row, written but not yet acknowledged, when the source changed it meanwhile", async () => {
    const world = new World();
    await world.seed(3);
    let dead = false;
    const destination = hooked(world.destination, {
      before: () => {
        if (dead) throw new Error("killed");
      },
      after: (method, [table]) => {
        if (method !== "write" || table !== TABLE) return;
        dead = true;
        throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    for (let at = 0; at < 3; at += 1) await world.put(world.source, keyAt(at), { population: 100 + at });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", conflicts: 0 });
  });
});

describe("an ambiguous failure", () => {
  it("is resolved by reading: a batch that was committed after all is neither lost nor a conflict", async () => {
    const world = new World();
    await world.seed(30);
    let lost = 0;
    const destination = hooked(world.destination, {
      after: (method, [table]) => {
        if (method !== "write" || table !== TABLE || lost >= 2) return;
        lost += 1;
        const message = "The connection broke before the answer came.";
        throw new OperationalError({ code: "ConnectionReset", message, retryable: true, ambiguous: true });
      },
    });
    expect(only(await world.copy({ destination }))).toMatchObject({ verdict: "equal", written: 30, conflicts: 0 });
    expect(lost).toBe(2);
    await world.put(world.source, keyAt(3), { population: 33 });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 1, conflicts: 0 });
  });
});

describe("two runs", () => {
  it("do not work on one table at once: the second says who holds it and since when", async () => {
    const world = new World();
    await world.seed(3);
    let second: unknown;
    const destination = hooked(world.destination, {
      before: async (method, [table]) => {
        if (method !== "write" || table !== TABLE || second) return;
        second = await world.copy({ runId: "second" }).catch((error: unknown) => error);
      },
    });
    // The first run keeps renewing while it is held up.
    expect(only(await world.copy({ destination, runId: "first" }))).toMatchObject({ verdict: "equal" });
    expect(second).toMatchObject({ code: "LeaseHeld" });
    expect(String(second)).toMatch(/tester \d+ since 2026-.*run first/);
  });

  it("wait out the term of one that died", async () => {
    const world = new World();
    await world.seed(3);
    const dying = dyingAt(6, "after");
    await expect(world.copy({ destination: hooked(world.destination, dying.hooks) })).rejects.toThrow("killed");
    const beforeMs = world.clock.now();
    expect(only(await world.copy())).toMatchObject({ verdict: "equal" });
    expect(world.clock.now() - beforeMs).toBeGreaterThanOrEqual(LEASE_TERM_MS);
  });
});

describe("a request to stop", () => {
  it.each(["source", "destination"] as const)("is heard while a run waits to ask the %s again", async (side) => {
    const world = new World();
    await world.seed(3);
    const end = new AbortController();
    const busy = hooked(world[side], {
      before: () => {
        setImmediate(() => end.abort());
        throw new OperationalError({ code: "ServerBusy", message: "busy", retryable: true, retryAfterMs: 60_000 });
      },
    });
    const ended = await world.copy({ [side]: busy, signal: end.signal }).then(
      (outcome) => only(outcome).error,
      (error: unknown) => error,
    );
    expect(ended).toMatchObject({ name: "OperationalError", code: "Stopped" });
  });

  it("gives up its leases though the service asked everybody to wait", async () => {
    const world = new World();
    await world.seed(3);
    const end = new AbortController();
    let refused = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== TABLE || refused > 0) return;
        refused += 1;
        setImmediate(() => end.abort());
        const wait = { retryable: true, throttled: true, retryAfterMs: 60_000 };
        throw new OperationalError({ code: "ServerBusy", message: "busy", ...wait });
      },
    });
    const stopped = await world.copy({ destination, signal: end.signal });
    expect(only(stopped).error).toMatchObject({ code: "Stopped" });
    const startMs = world.clock.now();
    expect(only(await world.copy())).toMatchObject({ verdict: "equal" });
    // Nobody had to wait for the lease of the run before.
    expect(world.clock.now() - startMs).toBeLessThan(LEASE_TERM_MS);
  });

  it("ends the run at an acknowledged batch, keeps what it achieved, and the next run finishes", async () => {
    const world = new World();
    await world.seed(300);
    const end = new AbortController();
    let writes = 0;
    const destination = hooked(world.destination, {
      after: (method, [table]) => {
        if (method !== "write" || table !== TABLE) return;
        writes += 1;
        if (writes === 2) end.abort();
      },
    });
    const stopped = await world.copy({ destination, signal: end.signal });
    expect(stopped).toMatchObject({ stopped: true, verdict: "incomplete" });
    expect(only(stopped).error).toMatchObject({ code: "Stopped" });
    const kept = (await world.rows(world.destination)).length;
    expect(kept).toBeGreaterThan(0);
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", conflicts: 0 });
  });
});
