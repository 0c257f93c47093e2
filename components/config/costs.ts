import * as fields from "./fields";
import { part, type Finding, type Written } from "./written";

export const prices = fields.text(
  "a price file's path",
  "Write it like prices.yaml; docs/cost.md shows the form.",
  /^(?!https?:)\S(.*\S)?$/,
);

/** Keys of earlier releases, by their path, and what became of them. */
export const MOVED_KEYS: Readonly<Record<string, string>> = {
  "destination.prices": "is not read any more: all prices come from one file. Remove it, write per100RuHour into a "
    + "price file as destination.throughput and perGbMonth as destination.storage, and name the file with "
    + "landbridge:migration.prices (docs/cost.md).",
};

/** A service's promise is 20,000 rows a second; a machine with many tables at once may see more. */
export const rowsPerSecond = fields.whole(1, 1_000_000, "An earlier report tells how many were copied.");

/**
 * Only a copy of the stack's own is reckoned: what a host does, and what a live move takes, nobody knows before. What a
 * destination on Cosmos DB costs by the hour is told all the same.
 */
function onlyOfACopy(written: Written): readonly Finding[] {
  const other = written["runOn"] === "host" ? "runOn: host" : written["phase"] === undefined ? undefined : "phase";
  if (other === undefined) return [];
  const hasOtherUse = part(written, "destination")["kind"] === "cosmos";
  const idle = [...(hasOtherUse ? [] : ["prices"]), "rowsPerSecond"].filter((key) => written[key] !== undefined);
  const message = `has no effect with \`${other}\`. Remove it; docs/cost.md says what is told.`;
  return idle.map((key): Finding => [key, message]);
}

function throughputIsKnown(written: Written): readonly Finding[] {
  const { kind, existing } = part(written, "destination");
  if (written["prices"] === undefined || kind !== "cosmos" || existing !== "account") return [];
  const message = "cannot be used with `existing: account` on Cosmos DB: what throughput that account has is not known "
    + "here. Remove it, and ask landbridge preflight --prices FILE --copy-throughput N.";
  return [["prices", message]];
}

/** Rules of what a copy is reckoned with. */
export const COST_RULES: readonly ((written: Written) => readonly Finding[])[] = [onlyOfACopy, throughputIsKnown];
