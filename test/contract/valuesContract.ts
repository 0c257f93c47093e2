import type { Row } from "../../migration/engine/row";
import { azureTablesFormat } from "../../migration/stores/azureTables";
import { rowOfBody } from "../../migration/stores/azureTables/entity";
import type { Quirk } from "./differences";
import type { Contract } from "./subject";
import { body, key, put, writeAll } from "./subject";
import { LIMITS, ZOO } from "./zoo";

const KEY = key("zoo", "animal");

function rowOf(members: string): Row {
  return rowOfBody(body(KEY, members), "", "");
}

/** Every property's type. */
function shown(row: Row): ReadonlyMap<string, string> {
  const found = azureTablesFormat.differences(rowOf(""), row, "replace");
  return new Map(found.map(({ name, destination }) => [name, destination?.type ?? ""]));
}

/** Every value arrives as what it was. */
export function valuesContract({ store, freshTable, quirks }: Contract): void {
  let first = "";
  let second = "";

  beforeAll(async () => {
    first = await freshTable();
    second = await freshTable();
  });

  /** Writes, reads, writes what was read to another table, and reads that. */
  async function twice(members: string): Promise<readonly [Row, Row]> {
    await writeAll(store(), first, [put(KEY, members)]);
    const once = await store().readRow(first, KEY);
    if (once === undefined) throw new Error("The row that was written is not there.");
    await writeAll(store(), second, [{ kind: "putReplace", key: KEY, body: once.body }]);
    const again = await store().readRow(second, KEY);
    if (again === undefined) throw new Error("The row that was copied is not there.");
    return [once, again];
  }

  function arrived(sent: Row, got: Row): boolean {
    const differences = azureTablesFormat.differences(sent, got, "replace");
    // The digest is what verification rests on: it must say the same as the exact comparison.
    expect(sent.digest === got.digest).toBe(differences.length === 0);
    return differences.length === 0;
  }

  const has = (quirk: Quirk | undefined) => quirk !== undefined && quirks[quirk];
  const animals = ZOO.map((animal) => [animal.title, animal] as const);

  it.each(animals)("%s arrives value for value", async (_title, animal) => {
    const lost = has(animal.quirk);
    if (lost && animal.quirk?.startsWith("fails") === true) {
      await expect(twice(animal.members)).rejects.toMatchObject({ code: "InternalError" });
      return;
    }
    if (lost && animal.quirk?.startsWith("refuses") === true) {
      const writing = store().write(first, [put(KEY, animal.members)]);
      await expect(writing).resolves.toMatchObject({ committed: false, reason: "invalid", failedIndex: 0 });
      return;
    }
    const sent = rowOf(animal.members);
    const [once, again] = await twice(animal.members);
    expect({ once: arrived(sent, once), again: arrived(sent, again) }).toEqual({ once: !lost, again: !lost });
    if (lost) return;
    expect(shown(again)).toEqual(shown(sent));
    expect(animal.types.map(([name]) => [name, shown(again).get(name)])).toEqual(animal.types);
  });

  it.each(LIMITS.map((limit) => [limit.title, limit] as const))("refuses %s as invalid", async (_title, limit) => {
    const one = limit.key ?? KEY;
    const writing = store().write(first, [put(key(one.partitionKey, `${one.rowKey}!`), limit.members)]);
    if (!has(limit.quirk)) {
      await expect(writing).resolves.toMatchObject({ committed: false, reason: "invalid", failedIndex: 0 });
    } else if (limit.quirk?.startsWith("fails") === true) {
      await expect(writing).rejects.toMatchObject({ code: "InternalError" });
    } else await expect(writing).resolves.toMatchObject({ committed: true });
  });
}
