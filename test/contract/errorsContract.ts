import { OperationalError } from "../../migration/engine/errors";
import type { FaultRule } from "../simulated";
import type { Contract } from "./subject";
import { insert, key, put, readAll } from "./subject";

async function failure(work: Promise<unknown>): Promise<OperationalError> {
  const outcome = await work.then(
    () => new Error("It succeeded."),
    (error: unknown) => error,
  );
  if (!(outcome instanceof OperationalError)) throw outcome;
  return outcome;
}

/** What goes wrong has a type, and says whether to try again. */
export function errorsContract(contract: Contract): void {
  const { store, subject } = contract;
  it("calls a missing table TableNotFound, for pages, rows and writes, and does not ask to retry", async () => {
    const attempts = [
      store().readPage("NeverThere", {}),
      store().write("NeverThere", [insert(key("p", "r"))]),
      store().write("NeverThere", [insert(key("p", "r")), insert(key("p", "s"))]),
      store().write("NeverThere", [put(key("p", "r"))]),
      store().write("NeverThere", [{ kind: "delete", key: key("p", "r"), version: "*" }]),
      store().readRow("NeverThere", key("p", "r")),
    ];
    for (const attempt of attempts) {
      expect(await failure(attempt)).toMatchObject({ code: "TableNotFound", retryable: false, ambiguous: false });
    }
    expect(await store().tableExists("NeverThere")).toBe(false);
  });

  if (subject.hasCredentials) describe("credentials", () => credentialsContract(contract));
  if (subject.canFail) describe("faults", () => faultsContract(contract));
}

function credentialsContract({ store, opened, freshTable }: Contract): void {
  it("tells a refused credential from a missing table, names no secret, and does not ask to retry", async () => {
    const { stranger } = opened();
    if (stranger === undefined) throw new Error("The subject has credentials, but no stranger.");
    const table = await freshTable();
    const rows = [insert(key("p", "r")), insert(key("p", "s"))];
    const attempts = [
      stranger.listTables(), stranger.tableExists(table), stranger.readPage(table, {}), stranger.write(table, rows),
      stranger.readRow(table, key("p", "r")), stranger.createTable("Another"), stranger.deleteTable(table),
    ];
    for (const attempt of attempts) {
      const error = await failure(attempt);
      expect(error).toMatchObject({ status: 403, retryable: false, throttled: false, ambiguous: false });
      expect(error.code).toMatch(/^Auth/);
      expect(error.message).not.toMatch(/sig=[^*]|SharedKey(Lite)? \S+:\w/);
    }
    expect(await readAll(store(), table)).toEqual([]);
  });
}

function faultsContract({ store, opened, freshTable }: Contract): void {
  const fail = (rule: FaultRule) => {
    const { fail: arm } = opened();
    if (arm === undefined) throw new Error("The subject can fail, but nobody can tell it to.");
    arm(rule);
  };

  it("passes throttling on as such, with the wait the server asked for, and nothing was written", async () => {
    const table = await freshTable();
    const batch = [insert(key("p", "r")), insert(key("p", "s"))];
    for (const kind of ["busy", "tooManyRequests", "busyInBatch", "tooManyRequestsInBatch"] as const) {
      fail({ kind, retryAfterSeconds: 3 });
      const error = await failure(store().write(table, batch));
      expect(error).toMatchObject({ retryable: true, throttled: true, retryAfterMs: 3000 });
      expect(await readAll(store(), table)).toEqual([]);
    }
    for (const kind of ["tooManyRequests", "tooManyRequestsInBatch"] as const) {
      fail({ kind, retryAfterMs: 250 });
      expect(await failure(store().write(table, batch))).toMatchObject({ throttled: true, retryAfterMs: 250 });
      fail({ kind });
      expect((await failure(store().write(table, batch))).retryAfterMs).toBeUndefined();
    }
    fail({ kind: "busy" });
    const reading = await failure(store().readPage(table, {}));
    expect(reading).toMatchObject({ code: "ServerBusy", retryable: true, throttled: true, ambiguous: false });
    expect(reading.retryAfterMs).toBeUndefined();
  });

  it("never takes half an answer for a page, a row or a success", async () => {
    const table = await freshTable();
    const rows = [put(key("p", "r"), '"v":1'), put(key("p", "s"), '"v":2')];
    for (const kind of ["cutShort", "closeInAnswer", "resetInAnswer"] as const) {
      fail({ kind });
      expect(await failure(store().write(table, rows))).toMatchObject({ retryable: true, ambiguous: true });
      for (const read of [() => store().readPage(table, {}), () => store().readRow(table, key("p", "r"))]) {
        fail({ kind });
        expect(await failure(read())).toMatchObject({ retryable: true, ambiguous: false });
      }
      expect(await readAll(store(), table)).toHaveLength(2);
    }
  });

  it("says of a failure inside a batch that it may have happened, and to try again", async () => {
    const table = await freshTable();
    fail({ kind: "internalInBatch" });
    const writing = store().write(table, [insert(key("p", "r")), insert(key("p", "s"))]);
    expect(await failure(writing)).toMatchObject({ retryable: true, throttled: false, ambiguous: true });
    expect(await readAll(store(), table)).toEqual([]);
  });

  it("passes a refused batch on as such, whichever operation the service names, and invents none", async () => {
    const table = await freshTable();
    await store().write(table, [insert(key("p", "taken"))]);
    const batch = [insert(key("p", "a")), insert(key("p", "taken")), insert(key("p", "b"))];
    for (const [kind, failedIndex] of [["wrongIndexInBatch", 2], ["noIndexInBatch", undefined]] as const) {
      fail({ kind });
      expect(await store().write(table, batch)).toMatchObject({ committed: false, reason: "exists", failedIndex });
    }
    expect((await readAll(store(), table)).map(({ rowKey }) => rowKey)).toEqual(["taken"]);
  });

  it("says of a lost answer that the write may have happened, whether it did or not", async () => {
    const table = await freshTable();
    for (const kind of ["dropBefore", "dropAfter", "timeout", "timeoutAfterCommit"] as const) {
      for (const rows of [[put(key("p", kind))], [put(key("p", kind)), put(key("p", "x"))]]) {
        fail({ kind });
        expect(await failure(store().write(table, rows))).toMatchObject({ retryable: true, ambiguous: true });
      }
      fail({ kind });
      expect(await failure(store().readPage(table, {}))).toMatchObject({ retryable: true, ambiguous: false });
    }
    const written = (await readAll(store(), table)).map(({ rowKey }) => rowKey);
    expect([...written].sort()).toEqual(["dropAfter", "timeoutAfterCommit", "x"]);
  });
}
