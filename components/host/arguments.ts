import type { TableInput } from "../../migration/resources";

/** What a host is told of a move. */
export interface HostMoveSettings {
  readonly tables: "all" | readonly TableInput[];
  readonly deletes: "report" | "propagate" | "accept";
  readonly conflicts: "refuse" | "overwrite";
  readonly verification: "full" | "sample" | "count";
  readonly sampleRows: number;
  readonly concurrency?: number;
}

/** What tables, and under which names. */
function selection({ tables, concurrency }: HostMoveSettings): readonly string[] {
  const named = tables === "all" ? [] : tables;
  const renamed = named.flatMap(({ table, destinationTable }) =>
    (destinationTable === undefined ? [] : ["--rename-table", `${table}=${destinationTable}`]));
  const properties = named.flatMap(({ table, renames = {} }) =>
    Object.entries(renames).flatMap(([from, to]) => ["--rename-property", `${table}.${from}=${to}`]));
  return [
    ...(tables === "all" ? ["--all"] : ["--tables", named.map(({ table }) => table).join(",")]),
    ...renamed,
    ...properties,
    ...(concurrency === undefined ? [] : ["--concurrency", String(concurrency)]),
  ];
}

/** Arguments of `landbridge copy`, which leaves the proof to the `verify` that follows. Holds no secret. */
export function copyArguments(settings: HostMoveSettings): readonly string[] {
  const { deletes, conflicts } = settings;
  return ["copy", ...selection(settings), "--verify", "none", "--deletes", deletes, "--conflicts", conflicts];
}

/** Arguments of `landbridge verify`. Holds no secret. */
export function verifyArguments(settings: HostMoveSettings): readonly string[] {
  const { deletes, verification, sampleRows } = settings;
  return [
    ...["verify", ...selection(settings), "--verify", verification],
    ...(verification === "sample" ? ["--sample-rows", String(sampleRows)] : []),
    // What was to be deleted is gone by now; whatever is left counts as a difference.
    ...["--deletes", deletes === "accept" ? "accept" : "report"],
  ];
}
