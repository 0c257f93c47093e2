import type { TableInput } from "../migration/resources";

/** What `landbridge` is told of the tables: which, and under which names. Holds no secret. */
export function tableArguments(tables: "all" | readonly TableInput[]): readonly string[] {
  const named = tables === "all" ? [] : tables;
  const renamed = named.flatMap(({ table, destinationTable }) =>
    (destinationTable === undefined ? [] : ["--rename-table", `${table}=${destinationTable}`]));
  const properties = named.flatMap(({ table, renames = {} }) =>
    Object.entries(renames).flatMap(([from, to]) => ["--rename-property", `${table}.${from}=${to}`]));
  const chosen = tables === "all" ? ["--all"] : ["--tables", named.map(({ table }) => table).join(",")];
  return [...chosen, ...renamed, ...properties];
}
