import type { EdmType } from "../../simulated";
import { bare, type Property, quoted, stringOf, text, valueOf } from "../row";
import { type Kind, onProperty } from "./kind";

/** The same text or number under another type; `change` declines with undefined. */
function retyped(name: string, from: EdmType, change: (property: Property) => Property | undefined): Kind {
  return onProperty("type", name, (property) => (property.type === from ? change(property) : undefined));
}

const INT32_MAX = 2_147_483_647;
const whole = (value: number) => Number.isInteger(value) && Math.abs(value) <= INT32_MAX && !Object.is(value, -0);

/** A string that spells a value of this type becomes one. */
function fromText(type: EdmType, shape: RegExp): Kind {
  return retyped(`String that looks so to ${type.slice(4)}`, "Edm.String", (property) => {
    const value = stringOf(property);
    if (!shape.test(value)) return undefined;
    return type === "Edm.Boolean" ? bare(property.name, type, value === "true") : quoted(property.name, type, value);
  });
}

function toText(from: EdmType): Kind {
  return retyped(`${from.slice(4)} to the String that spells it`, from, ({ name, lexeme }) =>
    text(name, lexeme.startsWith('"') ? (JSON.parse(lexeme) as string) : lexeme));
}

export const TYPES_CHANGED: readonly Kind[] = [
  retyped("Int32 to Int64", "Edm.Int32", ({ name, lexeme }) => quoted(name, "Edm.Int64", lexeme)),
  retyped("Int64 to Int32", "Edm.Int64", (property) => {
    const value = Number(valueOf(property).value);
    return whole(value) ? bare(property.name, "Edm.Int32", value) : undefined;
  }),
  retyped("Int32 1 to Double 1.0", "Edm.Int32", ({ name, lexeme }) => bare(name, "Edm.Double", Number(lexeme))),
  retyped("Double 1.0 to Int32 1", "Edm.Double", (property) => {
    const value = Number(valueOf(property).value);
    return whole(value) ? bare(property.name, "Edm.Int32", value) : undefined;
  }),
  retyped("Double to Int64", "Edm.Double", (property) => {
    const value = Number(valueOf(property).value);
    return whole(value) ? quoted(property.name, "Edm.Int64", String(value)) : undefined;
  }),
  retyped("Int64 to Double", "Edm.Int64", (property) =>
    bare(property.name, "Edm.Double", Number(valueOf(property).value))),
  retyped("Boolean to Int32", "Edm.Boolean", ({ name, lexeme }) => bare(name, "Edm.Int32", lexeme === "true" ? 1 : 0)),
  fromText("Edm.Double", /^(NaN|-?Infinity|-?\d+\.\d+)$/),
  fromText("Edm.DateTime", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  fromText("Edm.Guid", /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  fromText("Edm.Boolean", /^(true|false)$/),
  fromText("Edm.Binary", /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==)?$/),
  toText("Edm.Double"), toText("Edm.Int32"), toText("Edm.Int64"), toText("Edm.Boolean"), toText("Edm.DateTime"),
  toText("Edm.Guid"), toText("Edm.Binary"),
];
