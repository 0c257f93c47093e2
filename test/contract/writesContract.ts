import type { RowKey } from "../../migration/engine/row";
import type { BatchOutcome, WriteOperation } from "../../migration/engine/store";
import type { Contract } from "./subject";
import { body, insert, key, put, readAll, writeAll } from "./subject";

const HERE = key("p", "here");
const ABSENT = key("p", "absent");
const STALE = "W/\"datetime'2020-01-01T00%3A00%3A00Z'\"";

type Kind = WriteOperation["kind"];

function operation(kind: Kind, on: RowKey, version?: string, members = '"v":2'): WriteOperation {
  return {
    kind,
    key: on,
    ...(kind !== "delete" && { body: body(on, members) }),
    ...(version !== undefined && { version }),
  };
}

function refusal(outcome: BatchOutcome) {
  return outcome.committed ? "committed" : { reason: outcome.reason, failedIndex: outcome.failedIndex };
}

/** Each kind of write, each outcome, alone and inside a batch. */
export function writesContract({ store, freshTable, opened }: Contract): void {
  async function withRow(): Promise<{ table: string; version: string }> {
    const table = await freshTable();
    const [version] = await writeAll(store(), table, [put(HERE, '"v":1,"kept":true')]);
    return { table, version: version ?? "" };
  }

  async function names(table: string, on: RowKey): Promise<readonly string[]> {
    const row = await store().readRow(table, on);
    if (row === undefined) return [];
    const members = Object.keys(JSON.parse(Buffer.from(row.body).toString("utf8")) as object);
    return members.filter((name) => !/^(PartitionKey|RowKey)$|@/.test(name)).sort();
  }

  it.each<[Kind, string | undefined, readonly string[]]>([
    ["replace", "current", ["v"]], ["replace", "*", ["v"]], ["merge", "current", ["kept", "v"]],
    ["merge", "*", ["kept", "v"]], ["putReplace", undefined, ["v"]], ["putMerge", undefined, ["kept", "v"]],
    ["delete", "current", []], ["delete", "*", []],
  ])("%s of a row that is there, under version %s", async (kind, version, left) => {
    const { table, version: current } = await withRow();
    const outcome = await store().write(table, [operation(kind, HERE, version === "current" ? current : version)]);
    if (!outcome.committed) throw outcome.error;
    const row = await store().readRow(table, HERE);
    expect(outcome.versions).toEqual([row?.version ?? ""]);
    expect(row?.version).not.toBe(current);
    expect(await names(table, HERE)).toEqual(left);
  });

  it.each<[Kind]>([["insert"], ["putReplace"], ["putMerge"]])("%s makes a row that was not there", async (kind) => {
    const { table } = await withRow();
    const outcome = await store().write(table, [operation(kind, ABSENT)]);
    const row = await store().readRow(table, ABSENT);
    expect(outcome).toEqual({ committed: true, versions: [row?.version] });
    expect(await names(table, ABSENT)).toEqual(["v"]);
  });

  const refused: readonly [string, (version: string) => WriteOperation, string][] = [
    ["insert of a row that is there", () => operation("insert", HERE), "exists"],
    ["replace under a stale version", () => operation("replace", HERE, STALE), "changed"],
    ["merge under a stale version", () => operation("merge", HERE, STALE), "changed"],
    ["delete under a stale version", () => operation("delete", HERE, STALE), "changed"],
    ["replace of no row", (version) => operation("replace", ABSENT, version), "gone"],
    ["merge of no row", (version) => operation("merge", ABSENT, version), "gone"],
    ["delete of no row", (version) => operation("delete", ABSENT, version), "gone"],
    ["replace of no row, any version", () => operation("replace", ABSENT, "*"), "gone"],
    ["delete of no row, any version", () => operation("delete", ABSENT, "*"), "gone"],
  ];

  it.each(refused)("refuses %s, and says why", async (_title, make, reason) => {
    const { table, version } = await withRow();
    const before = await readAll(store(), table);
    const outcome = await store().write(table, [make(version)]);
    expect(refusal(outcome)).toEqual({ reason, failedIndex: 0 });
    expect(await readAll(store(), table)).toEqual(before);
  });

  it.each(refused)("refuses a whole batch for the %s in it, and says which", async (_title, make, reason) => {
    const { table, version } = await withRow();
    const before = await readAll(store(), table);
    const fine = [insert(key("p", "1"), '"v":1'), put(key("p", "2"), '"v":2')];
    const outcome = await store().write(table, [...fine, make(version), insert(key("p", "3"))]);
    expect(refusal(outcome)).toEqual({ reason, failedIndex: 2 });
    if (!outcome.committed) expect(outcome.error.retryable).toBe(false);
    expect(await readAll(store(), table)).toEqual(before);
  });

  it("does all of a mixed batch, and returns the versions that are read afterwards, in order", async () => {
    const { table, version } = await withRow();
    const [other] = await writeAll(store(), table, [put(key("p", "other"))]);
    const operations = [
      operation("insert", key("p", "é'%")),
      operation("merge", HERE, version),
      operation("delete", key("p", "other"), other),
      operation("putReplace", key("p", "a")),
      operation("putMerge", key("p", "b")),
    ];
    const outcome = await store().write(table, operations);
    if (!outcome.committed) throw outcome.error;
    const rows = await Promise.all(operations.map((one) => store().readRow(table, one.key)));
    expect(outcome.versions).toEqual(rows.map((row) => row?.version ?? ""));
    expect(await names(table, HERE)).toEqual(["kept", "v"]);
  });

  it("writes as many rows in one batch as its limits say", async () => {
    const table = await freshTable();
    const rows = Array.from({ length: store().limits.batchRowsMax }, (_, n) => insert(key("p", String(n))));
    expect((await store().write(table, rows)).committed).toBe(true);
    expect(await readAll(store(), table)).toHaveLength(rows.length);
  });

  it("writes a batch that wireBytes fills to the limit: the count is an upper bound", async () => {
    const table = await freshTable();
    const rows: WriteOperation[] = [];
    let bytes = 0;
    for (let n = 0; rows.length < store().limits.batchRowsMax; n += 1) {
      // Mostly Euro signs: 20,000 UTF-16 units, 60,000 bytes on the wire.
      const row = put(key("p", `'é%${n}`), `"text":"${"€".repeat(20_000)}"`);
      if (bytes + store().wireBytes(row) > store().limits.batchBytesMax) break;
      bytes += store().wireBytes(row);
      rows.push(row);
    }
    expect(bytes).toBeGreaterThan(store().limits.batchBytesMax * 0.95);
    const outcome = await store().write(table, rows);
    if (!outcome.committed) throw outcome.error;
    const sent = opened().lastBatchBytes?.();
    if (sent !== undefined) {
      expect(sent).toBeLessThanOrEqual(bytes + 1024);
      expect(sent).toBeGreaterThan(bytes * 0.9);
    }
  });

  it("counts at least the body's bytes for every kind of write", () => {
    for (const kind of ["insert", "replace", "merge", "putReplace", "putMerge"] as const) {
      const one = operation(kind, key("p", "r"), "*", `"text":"${"€".repeat(1000)}"`);
      expect(store().wireBytes(one)).toBeGreaterThan(one.body?.length ?? 0);
    }
    expect(store().wireBytes(operation("delete", HERE, "*"))).toBeGreaterThan(0);
  });
}
