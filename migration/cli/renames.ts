import { InvalidArgumentError } from "commander";

import type { CopyMode } from "../engine/rowFormat";
import type { TableOverride, TableSelection } from "../run/request";

export interface TableRename {
  readonly table: string;
  readonly destinationTable: string;
}

export interface PropertyRename {
  readonly table: string;
  readonly from: string;
  readonly to: string;
}

/** `Old=New`. Repeatable: `previous` are the ones before. */
export function readTableRename(text: string, previous: readonly TableRename[] = []): readonly TableRename[] {
  const [table, destinationTable, ...rest] = text.split("=");
  if (!table || !destinationTable || rest.length > 0) {
    throw new InvalidArgumentError("Expected Old=New, for example --rename-table Cities=Towns.");
  }
  if (previous.some((one) => one.table === table)) {
    throw new InvalidArgumentError(`Table ${table} is renamed twice. Keep one.`);
  }
  return [...previous, { table, destinationTable }];
}

/** `Table.Old=New`. Repeatable. A table's name has no dot, so the first one ends it. */
export function readPropertyRename(text: string, previous: readonly PropertyRename[] = []): readonly PropertyRename[] {
  const dot = text.indexOf(".");
  const equals = text.indexOf("=", dot);
  const parts = { table: text.slice(0, dot), from: text.slice(dot + 1, equals), to: text.slice(equals + 1) };
  if (dot < 1 || equals < 0 || parts.from === "" || parts.to === "" || parts.to.includes("=")) {
    throw new InvalidArgumentError("Expected Table.Old=New, for example --rename-property Cities.pop=population.");
  }
  return [...previous, parts];
}

/** What the options together say about tables. */
export function selectionOf(options: {
  readonly tables: readonly string[] | "all";
  readonly mode: CopyMode;
  readonly filter: string | undefined;
  readonly renameTable: readonly TableRename[];
  readonly renameProperty: readonly PropertyRename[];
}): TableSelection {
  const named = [...options.renameTable, ...options.renameProperty].map(({ table }) => table);
  const overrides = [...new Set(named)].map((table): TableOverride => {
    const renamed = options.renameTable.find((one) => one.table === table);
    const properties = options.renameProperty.filter((one) => one.table === table);
    return {
      table,
      ...(renamed && { destinationTable: renamed.destinationTable }),
      renames: properties.map(({ from, to }) => ({ from, to })),
    };
  });
  return {
    names: options.tables,
    mode: options.mode,
    ...(options.filter !== undefined && { filter: options.filter }),
    overrides,
  };
}
