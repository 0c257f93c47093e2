import { formatTicks, parseTicks, TICKS_MAX } from "./dateTime";
import { refuse } from "./errors";
import type { Json } from "./json";
import { quote } from "./json";

/** A property value as the service keeps it: typed, never as text that would have to be guessed at again. */
export type EdmValue =
  | { readonly type: "Edm.String"; readonly value: string }
  /** An IEEE double: a JavaScript number holds its bits (-0.0, subnormals and infinities included; one NaN). */
  | { readonly type: "Edm.Double"; readonly value: number }
  | { readonly type: "Edm.Int32"; readonly value: number }
  | { readonly type: "Edm.Int64"; readonly value: bigint }
  | { readonly type: "Edm.Boolean"; readonly value: boolean }
  /** 100 ns ticks since 1601. */
  | { readonly type: "Edm.DateTime"; readonly value: bigint }
  /** Lower case, with dashes. */
  | { readonly type: "Edm.Guid"; readonly value: string }
  | { readonly type: "Edm.Binary"; readonly value: Uint8Array };

export type EdmType = EdmValue["type"];

const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const INT64_MAX = (1n << 63n) - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;

const wrong = (type: string, shown: string) =>
  refuse.invalidInput(`Cannot convert the value ${shown.slice(0, 80)} to ${type}.`);

/** The 32-bit integer that a lexeme spells, if it does. */
export function int32(lexeme: string): number | undefined {
  if (!INTEGER.test(lexeme)) return undefined;
  const value = Number(lexeme);
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? value + 0 || 0 : undefined;
}

export function int64(lexeme: string): bigint | undefined {
  if (!INTEGER.test(lexeme)) return undefined;
  const value = BigInt(lexeme);
  return value >= -INT64_MAX - 1n && value <= INT64_MAX ? value : undefined;
}

/** The double that a lexeme spells; undefined beyond the finite range, where the service's reader gives up. */
export function double(lexeme: string): number | undefined {
  if (!DECIMAL.test(lexeme)) return undefined;
  const value = Number(lexeme);
  return Number.isFinite(value) ? value : undefined;
}

export function binary(base64: string): Uint8Array | undefined {
  return BASE64.test(base64) ? Buffer.from(base64, "base64") : undefined;
}

/**
 * A number without annotation: an integer that fits 32 bits is Int32, every other number a Double. `1.0` is a Double
 * because of its point, `6824053932181` because of its size: that is how the service's OData reader infers types.
 */
function inferNumber(lexeme: string): EdmValue {
  const small = int32(lexeme);
  if (small !== undefined) return { type: "Edm.Int32", value: small };
  const value = double(lexeme);
  if (value === undefined) throw wrong("Edm.Double", lexeme);
  return { type: "Edm.Double", value };
}

function stringValue(value: string): EdmValue {
  if (LONE_SURROGATE.test(value)) throw refuse.invalidInput("A string holds half of a surrogate pair.");
  return { type: "Edm.String", value };
}

function infer(json: Json): EdmValue {
  switch (json.kind) {
    case "string":
      return stringValue(json.value);
    case "number":
      return inferNumber(json.lexeme);
    case "boolean":
      return { type: "Edm.Boolean", value: json.value };
    default:
      throw refuse.invalidInput("A property holds an array, an object or null where a primitive value is needed.");
  }
}

const SPECIAL_DOUBLES = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

function doubleValue(json: Json): EdmValue | undefined {
  if (json.kind !== "number" && json.kind !== "string") return undefined;
  const lexeme = json.kind === "number" ? json.lexeme : json.value;
  const special = json.kind === "string" ? SPECIAL_DOUBLES.get(lexeme) : undefined;
  const value = special ?? double(lexeme);
  return value === undefined ? undefined : { type: "Edm.Double", value };
}

function dateTimeValue(text: string): EdmValue | undefined {
  const ticks = parseTicks(text);
  if (ticks === undefined) return undefined;
  if (ticks < 0n || ticks > TICKS_MAX) throw refuse.outOfRange("DateTime", text);
  return { type: "Edm.DateTime", value: ticks };
}

function integerValue(json: Json, type: "Edm.Int32" | "Edm.Int64"): EdmValue | undefined {
  if (json.kind !== "number" && json.kind !== "string") return undefined;
  const lexeme = json.kind === "number" ? json.lexeme : json.value;
  const small = int32(lexeme);
  if (type === "Edm.Int32") return small === undefined ? undefined : { type, value: small };
  // A bare number beyond 32 bits was read as a Double before its annotation counts: only the string form is safe.
  if (json.kind === "number") return small === undefined ? undefined : { type, value: BigInt(small) };
  const value = int64(lexeme);
  return value === undefined ? undefined : { type, value };
}

function annotated(json: Json, type: string): EdmValue | undefined {
  if (type === "Edm.Double") return doubleValue(json);
  if (type === "Edm.Int32" || type === "Edm.Int64") return integerValue(json, type);
  if (type === "Edm.Boolean") return json.kind === "boolean" ? { type, value: json.value } : undefined;
  if (json.kind !== "string") return undefined;
  if (type === "Edm.String") return stringValue(json.value);
  if (type === "Edm.DateTime") return dateTimeValue(json.value);
  if (type === "Edm.Guid") return GUID.test(json.value) ? { type, value: json.value.toLowerCase() } : undefined;
  if (type !== "Edm.Binary") return undefined;
  const bytes = binary(json.value);
  return bytes === undefined ? undefined : { type, value: bytes };
}

function shown(json: Json): string {
  if (json.kind === "string") return quote(json.value);
  return json.kind === "number" ? json.lexeme : json.kind;
}

/** What a member means, with or without its `@odata.type`. Throws the service's refusals. */
export function readValue(json: Json, type: string | undefined): EdmValue {
  if (type === undefined) return infer(json);
  const value = annotated(json, type);
  if (value === undefined) throw wrong(type, shown(json));
  return value;
}

/**
 * A finite double as the service spells it: 15 digits where they suffice, else 17; E notation from 1E+15 up and below
 * 1E-04; `.0` on what could be taken for an integer. Its lexeme differs from what was sent: only the value counts.
 */
export function formatDouble(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const digits = Number(value.toPrecision(15)) === value ? 15 : 17;
  const [mantissa = "", power = ""] = Math.abs(value).toExponential(digits - 1).split("e");
  const trimmed = mantissa.replace(/\.?0+$/, "");
  const exponent = Number(power);
  if (exponent >= 15 || exponent < -4) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${trimmed}E${exponent < 0 ? "-" : "+"}${size}`;
  }
  const plain = trimmed.replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${plain}`;
  const whole = plain.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${plain.slice(exponent + 1) || "0"}`;
}

/** The types that JSON cannot tell by itself, annotated from minimal metadata on. */
export function needsAnnotation(value: EdmValue): boolean {
  if (value.type === "Edm.Double") return !Number.isFinite(value.value);
  return !(value.type === "Edm.String" || value.type === "Edm.Int32" || value.type === "Edm.Boolean");
}

/** The JSON of a value. `ascii` escapes everything beyond U+007F in strings; `dateTime` spells a time. */
export function writeValue(value: EdmValue, ascii = false, dateTime = formatTicks): string {
  switch (value.type) {
    case "Edm.String":
      return quote(value.value, ascii);
    case "Edm.Double":
      return Number.isFinite(value.value) ? formatDouble(value.value) : `"${value.value}"`;
    case "Edm.Int32":
    case "Edm.Boolean":
      return String(value.value);
    case "Edm.Int64":
      return `"${value.value}"`;
    case "Edm.DateTime":
      return `"${dateTime(value.value)}"`;
    case "Edm.Guid":
      return `"${value.value}"`;
    case "Edm.Binary":
      return `"${Buffer.from(value.value).toString("base64")}"`;
  }
}
