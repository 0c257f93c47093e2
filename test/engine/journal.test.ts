import { hash } from "node:crypto";

import { requestStop } from "../../migration/engine";
import { JOURNAL_TABLE, LEASE_TERM_MS } from "../../migration/engine/journal";
import type { KeyRange, PageRequest, Store } from "../../migration/engine/store";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { hooked, only, TABLE, World } from "./world";

async function putInJournal(world: World, members: Readonly<Record<string, unknown>>): Promise<void> {
  const key = { partitionKey: String(members["PartitionKey"]), rowKey: String(members["RowKey"]) };
  const body = Buffer.from(JSON.stringify(members));
  const outcome = await world.destination.write(JOURNAL_TABLE, [{ kind: "putReplace", key, body }]);
  if (!outcome.committed) throw outcome.error;
}

/** Rewrites the journal as earlier releases wrote it. */
async function asBefore(world: World): Promise<void> {
  const eight = (text: string) => hash("sha256", text, "buffer").subarray(0, 8);
  const rows = await world.rows(world.destination);
  for (const entity of await world.rows(world.destination, JOURNAL_TABLE)) {
    const members = JSON.parse(Buffer.from(entity.body).toString());
    if (entity.rowKey === "table") {
      const old = Object.entries(members).filter(([name]) => !name.startsWith("range"));
      const position = {
        positionPartition: members.range0PositionPartition, positionRow: members.range0PositionRow,
        "sequence@odata.type": "Edm.Int64", sequence: members.range0Sequence,
      };
      await putInJournal(world, { ...Object.fromEntries(old), ...position });
    }
    if (!entity.rowKey.startsWith("segment-")) continue;
    const held = rows.filter(({ rowKey }) => rowKey <= members.upToRow).slice(-1_000);
    const receipts = held.map(({ partitionKey, rowKey, version }) =>
      Buffer.concat([Buffer.of(1), eight(JSON.stringify([partitionKey, rowKey])), eight(version)]));
    await putInJournal(world, { ...members, receipts: Buffer.concat(receipts).toString("base64") });
  }
}

/** The ranges that scans of the table were asked for. */
function readsOf(store: Store): { readonly store: Store; readonly ranges: KeyRange[] } {
  const ranges: KeyRange[] = [];
  const before = (method: string, [table, request]: readonly unknown[]) => {
    const { range, keysOnly } = request as PageRequest;
    if (method === "readPage" && table === TABLE && range && !keysOnly) ranges.push(range);
  };
  return { store: hooked(store, { before }), ranges };
}

describe("the journal", () => {
  it("never claims a position beyond a row that is not acknowledged", async () => {
    const world = new World();
    await world.seedInOnePartition(5_000);
    let held = false;
    let writes = 0;
    const destination = hooked(world.destination, {
      before: async (method, args) => {
        if (method !== "write" || args[0] !== TABLE) return;
        writes += 1;
        if (writes > 25) throw new Error("killed");
        if (held) return;
        // The very first batch is slow; later ones overtake it.
        held = true;
        await world.clock.sleep(60_000);
        throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const record = await journal.readTable(migration);
    expect(record).toMatchObject({ complete: false, ranges: [{ sequence: 0, firstSequence: 0 }] });
    expect(record?.ranges[0]?.position).toBeUndefined();
  });

  it("records one receipt per row, a thousand to a record, and drops records of rows that are gone", async () => {
    const world = new World();
    await world.seedInOnePartition(2_500);
    await world.copy();
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const sizes = async () => (await journal.readSegments(migration, 0)).map(({ receipts }) => receipts.length / 17);
    expect(await sizes()).toEqual([1_000, 1_000, 500]);
    for (const row of (await world.rows(world.source)).slice(1_000, 2_000)) {
      await world.source.write(TABLE, [{ kind: "delete", key: row, version: "*" }]);
    }
    world.clock.advance(5_000);
    expect(only(await world.copy({ settings: { deletes: "propagate" } }))).toMatchObject({ verdict: "equal" });
    expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBe(1_500);
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", written: 0 });
    expect(await sizes()).toEqual([1_000, 500]);
  });

  it("starts an interrupted pass over when rows are mapped otherwise now", async () => {
    const world = new World();
    await world.seedInOnePartition(3_000);
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += 1;
        if (journalled > 7) throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    expect((await world.rows(world.destination)).length).toBeGreaterThan(0);
    const renamed = { renames: new Map([["n", "number"]]) };
    const table = only(await world.copy({ table: renamed, settings: { conflicts: "overwrite" } }));
    expect(table).toMatchObject({ verdict: "equal", source: { count: 3_000 } });
  });

  it("of an earlier release, with one position and receipts in SHA-256, is gone on with", async () => {
    const world = new World();
    await world.seedInOnePartition(3_000);
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== JOURNAL_TABLE) return;
        journalled += 1;
        if (journalled > 5) throw new Error("killed");
      },
    });
    await expect(world.copy({ destination })).rejects.toThrow("killed");
    await asBefore(world);
    await world.put(world.source, { partitionKey: "p", rowKey: "000003" }, { n: -3 });
    const { store: source, ranges } = readsOf(world.source);
    expect(only(await world.copy({ source }))).toMatchObject({ verdict: "equal", conflicts: 0, missing: 0 });
    expect(ranges[0]?.after?.rowKey).toBe("000999");
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("refuses ranges that somebody else wrote, rather than leave rows out between them", async () => {
    const world = new World();
    await world.seedInOnePartition(100);
    await world.copy();
    const row = (await world.rows(world.destination, JOURNAL_TABLE)).find(({ rowKey }) => rowKey === "table");
    const members = JSON.parse(Buffer.from(row?.body ?? "").toString());
    for (const change of [{ ranges: "0" }, { ranges: "2" }, { range0UpToPartition: "p", range0UpToRow: "x" }]) {
      await putInJournal(world, { ...members, complete: false, ...change });
      expect(only(await world.copy())).toMatchObject({ verdict: "incomplete", error: { code: "JournalUnreadable" } });
    }
  });

  it("carries a request to stop to the run that holds the lease, and says whom it asked", async () => {
    const world = new World();
    await world.seedInOnePartition(4_000);
    let asked: unknown;
    const destination = hooked(world.destination, {
      before: async (method, [table]) => {
        if (method !== "write" || table !== TABLE) return;
        asked ??= await requestStop(world.context());
        await world.clock.sleep(800);
      },
    });
    const outcome = await world.copy({ destination, runId: "long" });
    expect(asked).toMatchObject([{ runId: "long" }]);
    expect(outcome).toMatchObject({ stopped: true, verdict: "incomplete" });
    expect(only(await world.copy())).toMatchObject({ verdict: "equal", conflicts: 0 });
  });

  const holder = (runId: string) => ({ runId, owner: `ops@${runId}`, since: "2026-01-01T00:00:00.000Z" });
  const { signal } = new AbortController();

  it("counts a lease that waited out a dead run from when it was taken, not from when it was wanted", async () => {
    const world = new World();
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    await journal.open();
    await journal.acquireLease(TABLE, holder("dead"), signal);
    const wantedAtMs = world.clock.now();
    const lease = await journal.acquireLease(TABLE, holder("next"), signal);
    expect(lease.askedAtMs).toBeGreaterThanOrEqual(wantedAtMs + LEASE_TERM_MS);
  });

  it("does not call a lease renewed that others changed meanwhile, and says whose it is by then", async () => {
    const world = new World();
    let meddle: (() => Promise<unknown>) | undefined;
    const destination = hooked(world.destination, {
      before: async (method) => {
        if (method === "write") await meddle?.();
      },
    });
    const journal = tableJournal(destination, JOURNAL_TABLE, { clock: world.clock });
    const beside = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    await journal.open();
    const lease = await journal.acquireLease(TABLE, holder("mine"), signal);
    meddle = () => beside.requestStop(TABLE);
    await expect(lease.renew()).rejects.toMatchObject({ code: "LeaseContended", retryable: true });
    // A request to stop is kept, and another run's lease is not written over.
    meddle = undefined;
    await lease.renew();
    expect(await journal.stopRequested("mine")).toBe(true);
    let writes = 0;
    meddle = async () => {
      writes += 1;
      if (writes === 1) await beside.requestStop(TABLE);
      if (writes !== 2) return;
      await world.clock.sleep(2 * LEASE_TERM_MS);
      await beside.acquireLease(TABLE, holder("other"), signal);
    };
    await expect(lease.renew()).rejects.toMatchObject({ code: "LeaseLost" });
  });

  it("finds nobody to stop where nobody works", async () => {
    const world = new World();
    await world.seed(2);
    expect(await requestStop(world.context())).toEqual([]);
    await world.copy();
    expect(await requestStop(world.context())).toEqual([]);
  });
});
