import type { Difference } from "../../migration/engine/outcome";
import type { PropertyDifference, TypedText } from "../../migration/engine/rowFormat";
import type { RowKey } from "../../migration/engine/row";
import type { EdmType } from "../simulated";
import { present, type Property, type RowChange, sameProperty } from "./row";
import type { Side, Verified } from "./world";

/** A property that differs; absent: not on that side. */
interface ExpectedProperty {
  readonly name: string;
  readonly source?: Property;
  readonly destination?: Property;
}

/** A difference that must be reported. */
export interface Expected extends RowKey {
  readonly class: "missing" | "extra" | "different";
  readonly properties: readonly ExpectedProperty[];
}

export interface Judgement {
  /** Expected differences, and how many of them were reported with the right key, class, names, types and values. */
  readonly expected: number;
  readonly located: number;
  /** The verdict is as it should be: different, or equal where nothing differs. */
  readonly verdict: boolean;
  /** The digests of both sides say the same as the verdict. */
  readonly digest: boolean;
  /** Reported, and not there; for people. */
  readonly falseAlarms: readonly string[];
  /** There, and not reported; for people. */
  readonly missed: readonly string[];
}

/** What a change of one side must be reported as. */
export function expectedOf(changes: readonly RowChange[], side: Side): readonly Expected[] {
  return changes.map(({ before, after }): Expected => {
    const key = before ?? after;
    if (key === undefined) throw new Error("A change is of nothing.");
    const { partitionKey, rowKey } = key;
    if (before === undefined || after === undefined) {
      const lostInDestination = (after === undefined) === (side === "destination");
      return { partitionKey, rowKey, class: lostInDestination ? "missing" : "extra", properties: [] };
    }
    const was = present(before);
    const is = present(after);
    const names = [...new Set([...was.keys(), ...is.keys()])].sort();
    const properties = names.flatMap((name) => {
      const [a, b] = [was.get(name), is.get(name)];
      if (a !== undefined && b !== undefined && sameProperty(a, b)) return [];
      const [source, destination] = side === "destination" ? [a, b] : [b, a];
      return [{ name, ...(source && { source }), ...(destination && { destination }) }];
    });
    if (properties.length === 0) throw new Error(`A change of row ${partitionKey}/${rowKey} changed nothing.`);
    return { partitionKey, rowKey, class: "different", properties };
  });
}

/** The value that is shown to people is the one that stands there. */
function showsValue(property: Property, { type, value }: TypedText): boolean {
  const lexeme = type === "Edm.Boolean" || (type === "Edm.Int32" && !property.lexeme.startsWith('"'))
    ? value : JSON.stringify(value);
  return sameProperty(property, { name: property.name, type: type as EdmType, lexeme });
}

function sideMatches(expected: Property | undefined, reported: TypedText | undefined): boolean {
  if (expected === undefined || reported === undefined) return expected === reported;
  return expected.type === reported.type && showsValue(expected, reported);
}

function propertiesMatch(expected: Expected, reported: readonly PropertyDifference[]): boolean {
  const wanted = expected.properties;
  return wanted.length === reported.length && wanted.every(({ name, source, destination }, i) => {
    const one = reported[i];
    return one?.name === name && sideMatches(source, one.source) && sideMatches(destination, one.destination);
  });
}

function shown({ class: kind, partitionKey, rowKey, properties }: Expected | Difference): string {
  return JSON.stringify({ class: kind, partitionKey, rowKey, properties }).slice(0, 600);
}

/** Holds what was reported against what was done. */
export function judge(expected: readonly Expected[], { outcome, differences }: Verified, table: string): Judgement {
  const open = [...expected];
  const falseAlarms: string[] = [];
  for (const reported of differences) {
    const at = open.findIndex((one) =>
      one.class === reported.class && one.partitionKey === reported.partitionKey && one.rowKey === reported.rowKey &&
      reported.table === table && reported.destinationTable === table && propertiesMatch(one, reported.properties));
    if (at < 0) falseAlarms.push(shown(reported));
    else open.splice(at, 1);
  }
  const summary = outcome.tables[0];
  const wanted = expected.length > 0 ? "different" : "equal";
  const sums = [summary?.source.digest, summary?.destination.digest];
  return {
    expected: expected.length,
    located: expected.length - open.length,
    verdict: outcome.verdict === wanted && summary?.verdict === wanted,
    digest: sums[0] !== undefined && sums[1] !== undefined && (sums[0] === sums[1]) === (expected.length === 0),
    falseAlarms,
    missed: open.map(shown),
  };
}
