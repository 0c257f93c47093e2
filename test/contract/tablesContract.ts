import type { Contract } from "./subject";
import { insert, key, readAll, writeAll } from "./subject";

/** Tables come, are seen, and go. */
export function tablesContract({ store, freshTable }: Contract): void {
  it("creates a table once, and says so when it was there", async () => {
    const table = await freshTable();
    expect(await store().createTable(table)).toBe("existed");
    expect(await store().tableExists(table)).toBe(true);
    expect(await store().listTables()).toContain(table);
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
