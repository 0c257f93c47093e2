import type { RunContext } from "./context";
import type { Row } from "./row";
import type { TableSettings } from "./settings";
import type { Page } from "./store";

interface Transforming {
  readonly run: { readonly context: Pick<RunContext, "format"> };
  readonly settings: Pick<TableSettings, "renames">;
}

/** The row as the destination should hold it. Untouched where nothing is renamed: the same object, the same bytes. */
export function expectedRow({ run, settings }: Transforming, row: Row): Row {
  return settings.renames.size === 0 ? row : run.context.format.rename(row, settings.renames);
}

export async function* renamedPages(transforming: Transforming, pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
  if (transforming.settings.renames.size === 0) return yield* pages;
  for await (const page of pages) yield { ...page, rows: page.rows.map((row) => expectedRow(transforming, row)) };
}
