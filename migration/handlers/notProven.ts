import { OperationalError } from "../engine/errors";
import type { Report, ReportTable } from "../report/schema";
import { quantity, verdictWords } from "../report/words";
import { firstDifferences, tableName } from "./runs";

/** Table, counts, the first differences, and how to see the rest. */
export function notProven(report: Report, error: OperationalError | undefined, page: string): OperationalError {
  const open = report.tables.filter(({ verdict }) => verdict !== "equal");
  const { headline } = verdictWords(report);
  const names = open.map(({ table }) => table).join(",");
  const rest = `All of them: open ${page}, or run \`landbridge verify --tables ${names} --differences FILE.jsonl\`.`;
  const told = open.map(describeTable);
  // A cause that belongs to no table, such as a report that could not be written.
  const cause = error !== undefined && open.every((table) => table.error === undefined) ? [error.message] : [];
  const message = [`The tables are not proven equal: ${headline.toLowerCase()}.`, ...told, ...cause, rest].join(" ");
  return new OperationalError({ code: error?.code ?? "NotEqual", message });
}

function describeTable(table: ReportTable): string {
  const { missing, extra, different, inFlight, error } = table;
  const moving = inFlight > 0 ? [`${inFlight} in flight`] : [];
  const counts = [`${missing} missing`, `${extra} extra`, `${different} different`, ...moving].join(", ");
  const rows = `${quantity(table.source.count, "source row")}, ${quantity(table.destination.count, "destination row")}`;
  const first = firstDifferences(table);
  const reason = error === undefined ? "" : ` ${error.message}`;
  return `Table ${tableName(table)}: ${counts} (${rows}).${reason}${first === "" ? "" : ` First: ${first}.`}`;
}
