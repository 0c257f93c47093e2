import type { RowKey } from "../../migration/engine/row";
import { compareKeys } from "../../migration/engine/row";
import type { Contract } from "./subject";
import { insert, key, keysOf, put, readAll, writeAll } from "./subject";

/** Everything from U+0020 to U+07FF that a key may hold, and characters from further up that somebody tripped over. */
function legalCharacters(): readonly string[] {
  const plane = Array.from({ length: 0x800 - 0x20 }, (_, n) => String.fromCharCode(n + 0x20));
  const legal = plane.filter((character) => !/[/\\#?\u007f-\u009f]/.test(character));
  return [...legal, "\u3042", "\ud7ff", "\ue000", "\ufffd", "\u{10000}", "\u{10ffff}", "%2F", "%%41"];
}

/** Printable ASCII, which is where addresses, filters and quotes go wrong, and the rest in steps. */
function telling(keys: readonly RowKey[]): readonly RowKey[] {
  return keys.filter((_, index) => index < 96 || index % 40 === 0 || index > keys.length - 12);
}

/** Every legal key arrives, is found, and can be changed and deleted, alone and in a batch. */
export function keysContract({ store, freshTable, quirks }: Contract): void {
  const sorted = (keys: readonly RowKey[]) => [...keys].sort(compareKeys);

  async function expectKeys(table: string, keys: readonly RowKey[]): Promise<void> {
    const rows = await readAll(store(), table, { keysOnly: true });
    expect(keysOf(store().ordered ? rows : sorted(rows))).toEqual(keysOf(sorted(keys)));
  }

  /** Reads a row by its address, deletes it under its version, and sees that it is gone. */
  async function addressAndDelete(table: string, one: RowKey): Promise<void> {
    const row = await store().readRow(table, one);
    expect(row && keysOf([row])).toEqual(keysOf([one]));
    const outcome = await store().write(table, [{ kind: "delete", key: one, version: row?.version ?? "" }]);
    expect(outcome).toEqual({ committed: true, versions: [""] });
    expect(await store().readRow(table, one)).toBeUndefined();
  }

  it("takes every legal character in a row key, by insert and by upsert, in batches", async () => {
    const table = await freshTable();
    // The comma has a test of its own.
    const keys = legalCharacters().filter((one) => one !== ",").map((one) => key("p", `${one}x${one}`));
    await writeAll(store(), table, keys.map((one) => insert(one)));
    await expectKeys(table, keys);
    await writeAll(store(), table, keys.map((one) => put(one, '"again":true')));
    await expectKeys(table, keys);
    for (const one of telling(keys)) await addressAndDelete(table, one);
  });

  it("takes every printable ASCII character in a partition key", async () => {
    const table = await freshTable();
    const keys = legalCharacters().slice(0, 91).map((one) => key(`${one}q${one}`, one));
    await writeAll(store(), table, keys.map((one) => put(one)));
    await expectKeys(table, keys);
    for (const one of keys) await addressAndDelete(table, one);
  });

  it.each([",", ",x", "a','b"])("keeps the row key %s where it belongs, in a batch too", async (rowKey) => {
    const table = await freshTable();
    await writeAll(store(), table, [put(key("p", rowKey)), put(key("p", "zz"))]);
    const rows = await readAll(store(), table, { keysOnly: true });
    const found = rows.filter((row) => row.partitionKey === "p").map((row) => row.rowKey);
    expect(found.sort()).toEqual(quirks.misplacesCommaKeysInBatch ? ["zz"] : [rowKey, "zz"].sort());
    // By itself it is addressed rightly everywhere.
    await writeAll(store(), table, [put(key("q", rowKey))]);
    await addressAndDelete(table, key("q", rowKey));
  });

  it.each([512, 513, 1_024])("takes keys of %i UTF-16 units, alone and in a batch, and finds them", async (units) => {
    const table = await freshTable();
    const rowUnits = quirks.shortensRowKeys ? Math.min(units, 255) : units;
    const [a, b] = ["a", "b"].map((letter) => key("p".repeat(units), letter.repeat(rowUnits)));
    if (a === undefined || b === undefined) throw new Error("There are two letters.");
    if (quirks.halvesKeyLength && units > 512) {
      for (const write of [[insert(a)], [put(a), put(b)]]) {
        expect(await store().write(table, write)).toMatchObject({ committed: false, reason: "invalid" });
      }
      return;
    }
    await writeAll(store(), table, [insert(a)]);
    await writeAll(store(), table, [put(a, '"again":true'), put(b)]);
    await expectKeys(table, [a, b]);
    await addressAndDelete(table, a);
    await addressAndDelete(table, b);
  });

  it("takes a row key of 256 bytes, or refuses it, and says that it is the row's fault", async () => {
    const table = await freshTable();
    for (const rowKey of ["k".repeat(256), "é".repeat(128)]) {
      for (const write of [[insert(key("p", rowKey))], [put(key("p", "short")), put(key("p", rowKey))]]) {
        const outcome = await store().write(table, write);
        if (quirks.shortensRowKeys) {
          expect(outcome).toMatchObject({ committed: false, reason: "invalid", failedIndex: write.length - 1 });
        } else expect(outcome).toMatchObject({ committed: true });
      }
    }
    if (quirks.shortensRowKeys) await expectKeys(table, []);
  });

  it("takes an empty key, or refuses it, and says that it is the row's fault", async () => {
    const table = await freshTable();
    for (const one of [key("p", ""), key("", "r"), key("", "")]) {
      const outcome = await store().write(table, [insert(one)]);
      if (quirks.refusesEmptyKeys) expect(outcome).toMatchObject({ committed: false, reason: "invalid" });
      else expect(outcome).toMatchObject({ committed: true });
      if (!quirks.refusesEmptyKeys) await addressAndDelete(table, one);
    }
  });

  it("takes U+2028, which some take for a line's end", async () => {
    const table = await freshTable();
    const one = key("p", "a\u2028b");
    const writing = store().write(table, [put(one), put(key("p", "zz"))]);
    if (quirks.failsOnLineSeparatorInBatch) await expect(writing).rejects.toMatchObject({ code: "InternalError" });
    else await expect(writing).resolves.toMatchObject({ committed: true });
    await writeAll(store(), table, [put(one)]);
    await addressAndDelete(table, one);
  });
}
