import { OperationalError } from "../engine/errors";
import { JOURNAL_TABLE } from "../engine/journal";
import type { AccountManagement } from "./accountManagement";
import { forEachTable } from "./forEachTable";
import type { AccessPorts } from "./ports";

/** A deleted table's name is taken for this long, mostly much less. */
const DELETED_MS_MAX = 120_000;
const PAUSE_MS = 3_000;

/** The tables meant: those named, or all there are but our own. Names are the same whatever their case. */
export async function tableNames(
  management: AccountManagement,
  tables: readonly string[] | "all",
): Promise<readonly string[]> {
  if (tables !== "all") return tables;
  return (await management.listTables()).filter((name) => name.toLowerCase() !== JOURNAL_TABLE);
}

/** Creates what is missing; waits for an earlier table of the same name to be gone. */
export async function createTables(
  management: AccountManagement,
  tables: readonly string[],
  ports: Pick<AccessPorts, "clock" | "say">,
): Promise<void> {
  await forEachTable(tables, async (table) => {
    const untilMs = ports.clock.now() + DELETED_MS_MAX;
    for (;;) {
      try {
        return await management.createTable(table);
      } catch (error) {
        const waits = error instanceof OperationalError && error.code === "TableBeingDeleted";
        if (!waits || ports.clock.now() >= untilMs) throw error;
        ports.say(`Waiting for an earlier table ${table} in ${management.name} to be gone.`);
        await ports.clock.sleep(PAUSE_MS);
      }
    }
  });
}
