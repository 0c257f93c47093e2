import type { TableInput } from "../../migration/resources/tableInput";
import { show, type Mistake } from "./mistakes";

type Renames = Readonly<Record<string, string>>;

/** The document's own names in Cosmos DB, in any casing: some break the service, some the table. */
export const RESERVED_IN_COSMOS = /^(?:id|rid|etag|resourceid)$/i;

/** Two properties that would become one, after the merge: each list may be right by itself. */
export function mergedCollisions(table: string, general: Renames, own: Renames): readonly Mistake[] {
  const byTarget = new Map<string, string>();
  return Object.entries({ ...general, ...own }).flatMap(([from, to]) => {
    const other = byTarget.get(to);
    byTarget.set(to, from);
    // Within one of the two lists it has been told already.
    const together = (list: Renames) => other !== undefined && from in list && other in list;
    if (other === undefined || together(general) || together(own)) return [];
    const message = `${show(other)} and ${show(from)} both become ${show(to)}, once the renames for all tables are `
      + "added to its own. Give each a name of its own.";
    return [{ path: `tables.${table}.renames.${from}`, message }];
  });
}

/** Tables with the renames that hold for them: for the same property a table's own wins over that of all tables. */
export function withRenames(tables: "all" | readonly TableInput[], general: Renames | undefined) {
  if (tables === "all" || general === undefined) return tables;
  return tables.map((table) => ({ ...table, renames: { ...general, ...table.renames } }));
}

/** For a preview: `Cities: id -> sourceId, etag -> sourceEtag`, a line a table; empty where nothing is renamed. */
export function describeRenames(tables: "all" | readonly TableInput[]): string {
  if (tables === "all") return "";
  return tables
    .flatMap(({ table, renames = {} }) => {
      const pairs = Object.entries(renames).map(([from, to]) => `${from} -> ${to}`);
      return pairs.length > 0 ? [`${table}: ${pairs.join(", ")}`] : [];
    })
    .join("\n");
}
