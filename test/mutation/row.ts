import { compareKeys, type RowKey } from "../../migration/engine/row";
import type { EdmType, EdmValue } from "../simulated";
import { parseJson } from "../simulated/json";
import { readValue } from "../simulated/values";

/** A property as this attack knows it: its type and the JSON text of its value (`null`: not there). */
export interface Property {
  readonly name: string;
  readonly type: EdmType;
  readonly lexeme: string;
}

export interface ModelRow extends RowKey {
  readonly properties: readonly Property[];
}

/** What happens to one key of the side that is attacked. Without `before` a row comes, without `after` it goes. */
export interface RowChange {
  readonly before?: ModelRow;
  readonly after?: ModelRow;
}

export function text(name: string, value: string): Property {
  return { name, type: "Edm.String", lexeme: JSON.stringify(value) };
}

export function quoted(name: string, type: EdmType, value: string): Property {
  return { name, type, lexeme: JSON.stringify(value) };
}

export function bare(name: string, type: EdmType, value: number | boolean): Property {
  const lexeme = typeof value === "number" && Object.is(value, -0) ? "-0.0" : String(value);
  const special = typeof value === "number" && !Number.isFinite(value);
  return { name, type, lexeme: special ? JSON.stringify(lexeme) : lexeme };
}

/** A string's characters. `JSON.parse` loses none, halves of surrogate pairs included. */
export function stringOf(property: Property): string {
  return JSON.parse(property.lexeme) as string;
}

/** The value by the simulated service's reading, which shares no code with what is attacked. */
export function valueOf({ lexeme, type }: Property): EdmValue {
  return readValue(parseJson(lexeme), type);
}

/** Same type and same value, whatever the spelling. */
export function sameProperty(a: Property, b: Property): boolean {
  if (a.lexeme === "null" || b.lexeme === "null") return a.lexeme === b.lexeme;
  if (a.type !== b.type) return false;
  // The service refuses half a surrogate pair; a page could hold one all the same.
  if (a.type === "Edm.String") return stringOf(a) === stringOf(b);
  const left = valueOf(a).value;
  const right = valueOf(b).value;
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right) === 0;
  return Object.is(left, right);
}

/** The properties that are there: null means that one is not. */
export function present(row: ModelRow): ReadonlyMap<string, Property> {
  return new Map(row.properties.filter(({ lexeme }) => lexeme !== "null").map((one) => [one.name, one]));
}

/** With the property of that name replaced (by none, to remove it). */
export function withProperty(row: ModelRow, name: string, ...by: readonly Property[]): ModelRow {
  return { ...row, properties: row.properties.flatMap((one) => (one.name === name ? by : [one])) };
}

export function sorted(rows: readonly ModelRow[]): readonly ModelRow[] {
  return [...rows].sort(compareKeys);
}

const BARE: ReadonlySet<EdmType> = new Set(["Edm.String", "Edm.Int32", "Edm.Boolean"]);

/** `name: value` pairs in JSON, annotations among them. */
export function membersOf(row: ModelRow): [name: string, value: string][] {
  const keys: [string, string][] = [
    ["PartitionKey", JSON.stringify(row.partitionKey)],
    ["RowKey", JSON.stringify(row.rowKey)],
  ];
  return keys.concat(row.properties.flatMap(({ name, type, lexeme }): [string, string][] => {
    const member: [string, string] = [name, lexeme];
    const annotated = !BARE.has(type) && lexeme !== "null";
    return annotated ? [[`${name}@odata.type`, JSON.stringify(type)], member] : [member];
  }));
}

export function joined(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** The row as JSON: what a request would carry. */
export function entityText(row: ModelRow): string {
  return joined(membersOf(row));
}
