import { OperationalError } from "../engine/errors";
import { JOURNAL_TABLE } from "../engine/journal";
import type { DeletePolicy, TableSettings } from "../engine/settings";
import type { TableOverride, TableSelection } from "./request";

/** Set by the service, and what a row is found by: never renamed, and never a new name. */
const SYSTEM_PROPERTIES = ["PartitionKey", "RowKey", "Timestamp"];

/** Longest name of a property (Microsoft: "Understanding the Table service data model"). */
const PROPERTY_NAME_CHARACTERS_MAX = 255;

function refuse(code: string, message: string): never {
  throw new OperationalError({ code, message });
}

const list = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ");

function isOurs(table: string): boolean {
  return table.toLowerCase() === JOURNAL_TABLE.toLowerCase();
}

function checkRename(table: string, from: string, to: string): void {
  const shown = `${table}.${from}=${to}`;
  for (const name of [from, to]) {
    if (SYSTEM_PROPERTIES.includes(name)) {
      refuse("RenameIllegal", `Renaming ${shown}: ${name} belongs to the service and keeps its name. ` +
        "Rename properties of your own only.");
    }
    if (name === "" || name.length > PROPERTY_NAME_CHARACTERS_MAX || name.includes("odata.")) {
      refuse("RenameIllegal", `Renaming ${shown}: ${JSON.stringify(name)} cannot be a property's name ` +
        `(1 to ${PROPERTY_NAME_CHARACTERS_MAX} characters, without "odata.").`);
    }
  }
}

/** Bijective, or two properties would meet in one and a value would be lost. */
function renamesOf(override: TableOverride | undefined): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  const targets = new Map<string, string>();
  for (const { from, to } of override?.renames ?? []) {
    const table = override?.table ?? "";
    checkRename(table, from, to);
    if (renames.has(from)) {
      refuse("RenameIllegal", `${table}.${from} is renamed twice, to ${renames.get(from)} and to ${to}. Keep one.`);
    }
    const other = targets.get(to);
    if (other !== undefined) {
      refuse("RenameIllegal", `${table}.${other} and ${table}.${from} would both become ${to}, and one value would ` +
        "be lost. Give them different names.");
    }
    renames.set(from, to);
    targets.set(to, from);
  }
  for (const [from, to] of renames) if (from === to) renames.delete(from);
  return renames;
}

/** Storage compares table names without regard to case; two that differ by case alone are one table there. */
function checkDestinations(tables: readonly TableSettings[]): void {
  const taken = new Map<string, string>();
  for (const { table, destinationTable } of tables) {
    const name = destinationTable.toLowerCase();
    const other = taken.get(name);
    if (other !== undefined) {
      refuse("RenameIllegal", `Tables ${other} and ${table} would both become ${destinationTable}. ` +
        "Give each a destination of its own.");
    }
    taken.set(name, table);
    if (isOurs(destinationTable)) {
      refuse("RenameIllegal", `Table ${table} would become ${destinationTable}, which is landbridge's own journal. ` +
        "Give it another name.");
    }
  }
}

function checkOverrides(selection: TableSelection, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const { table } of selection.overrides) {
    if (!names.includes(table)) {
      refuse("TableNotSelected", `There are settings for table ${JSON.stringify(table)}, which is not among the ` +
        `tables of this run: ${list(names)}. Mind the case, or add it.`);
    }
    if (seen.has(table)) refuse("TableNotSelected", `There are two sets of settings for table ${table}. Keep one.`);
    seen.add(table);
  }
}

function namesOf(selection: TableSelection, listed: readonly string[]): readonly string[] {
  if (selection.names === "all") {
    const names = listed.filter((name) => !isOurs(name));
    if (names.length > 0) return names;
    return refuse("NoTables", "The source lists no table. Is it the right account? Name tables otherwise.");
  }
  if (selection.names.length === 0) refuse("NoTables", "No table is named. Name tables, or ask for all.");
  const seen = new Set<string>();
  for (const name of selection.names) {
    if (name === "") refuse("NoTables", "A table's name is empty. Name tables, separated by single commas.");
    if (isOurs(name)) refuse("NoTables", `${name} is landbridge's own journal, and is not moved. Leave it away.`);
    if (seen.has(name.toLowerCase())) refuse("NoTables", `Table ${name} is named twice. Keep one.`);
    seen.add(name.toLowerCase());
  }
  return selection.names;
}

/**
 * Which tables a run works on, and how. `listed` are the source's tables, needed for "all" only.
 * Throws OperationalError `NoTables`, `TableNotSelected`, `RenameIllegal` or `FilterWithPropagate`.
 */
export function selectTables(
  selection: TableSelection,
  deletes: DeletePolicy,
  listed: readonly string[],
): readonly TableSettings[] {
  const names = namesOf(selection, listed);
  checkOverrides(selection, names);
  const tables = names.map((table): TableSettings => {
    const override = selection.overrides.find((one) => one.table === table);
    const filter = override?.filter ?? selection.filter;
    return {
      table,
      destinationTable: override?.destinationTable ?? table,
      renames: renamesOf(override),
      mode: override?.mode ?? selection.mode,
      ...(filter !== undefined && filter.trim() !== "" && { filter }),
    };
  });
  checkDestinations(tables);
  const filtered = tables.find(({ filter }) => filter !== undefined);
  if (filtered !== undefined && deletes === "propagate") {
    refuse("FilterWithPropagate", `Table ${filtered.table} has a filter, and deletes are propagated: rows that the ` +
      "filter leaves out would be deleted in the destination. Leave the filter away, or set deletes to \"report\" or " +
      "\"accept\" (a live move propagates them unless told otherwise).");
  }
  return tables;
}
