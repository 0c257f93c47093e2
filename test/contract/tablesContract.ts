import type { Contract } from "./subject";
import { insert, key, readAll, writeAll } from "./subject";

/** Tables come, are seen, and go. */
export function tablesContract({ store, freshTable, quirks }: Contract): void {
  it("creates a table once, and says so when it was there", async () => {
    const table = await freshTable();
    expect(await store().createTable(table)).toBe("existed");
    expect(await store().tableExists(table)).toBe(true);
    expect(await store().listTables()).toContain(table);
  });

  it("knows a table in any case, or tells tables apart by it", async () => {
    const table = await freshTable();
    await writeAll(store(), table, [insert(key("p", "r"))]);
    const other = table.toUpperCase();
    expect(await store().tableExists(other)).toBe(!quirks.tellsTableCase && !quirks.confusesTableCase);
    expect(await store().createTable(other)).toBe(quirks.tellsTableCase ? "created" : "existed");
    const reading = readAll(store(), other);
    if (quirks.confusesTableCase) await expect(reading).rejects.toMatchObject({ code: "TableNotFound" });
    else expect(await reading).toHaveLength(quirks.tellsTableCase ? 0 : 1);
  });

  it("keeps the rows of a table that is created again", async () => {
    const table = await freshTable();
    await writeAll(store(), table, [insert(key("p", "r"))]);
    await store().createTable(table);
    expect(await readAll(store(), table)).toHaveLength(1);
  });

  it("deletes a table with its rows, and the name can be had again, empty", async () => {
    const table = await freshTable();
    await writeAll(store(), table, [insert(key("p", "r"))]);
    await store().deleteTable(table);
    expect(await store().tableExists(table)).toBe(false);
    expect(await store().listTables()).not.toContain(table);
    expect(await store().createTable(table)).toBe("created");
    expect(await readAll(store(), table)).toEqual([]);
  });

  it("takes a table that is not there for deleted", async () => {
    await expect(store().deleteTable("NeverThere")).resolves.toBeUndefined();
  });

  it("gives its name and identity without a secret, the same every time", () => {
    expect(store().name).toMatch(/\S/);
    expect(store().identity).toBe(store().identity.toLowerCase());
    expect(`${store().name} ${store().identity}`).not.toMatch(/sig=|AccountKey|[A-Za-z0-9+/]{40,}=/);
  });
}
