import type { EdmType } from "../../simulated";
import { formatTicks, parseTicks } from "../../simulated";
import { randomProperty } from "../arbitrary";
import type { Chance } from "../chance";
import { bare, type Property, quoted, stringOf, text, valueOf } from "../row";
import { type Kind, onProperty } from "./kind";

/** Changes values of one type; declines by returning undefined. */
function of<T extends EdmType>(
  type: T,
  name: string,
  change: (property: Property, chance: Chance) => Property | undefined,
): Kind {
  return onProperty("value", name, (property, chance) =>
    (property.type === type ? change(property, chance) : undefined));
}

function ofString(name: string, change: (value: string, chance: Chance) => string, canned = false): Kind {
  return onProperty("value", name, (property, chance) => {
    if (property.type !== "Edm.String") return undefined;
    const before = stringOf(property);
    const after = change(before, chance);
    // 64 KiB is the most that a string may have; beyond it the service would refuse, not differ.
    return after === before || after.length > 32_768 ? undefined : text(property.name, after);
  }, canned);
}

function ofDouble(name: string, change: (value: number) => number | undefined): Kind {
  return of("Edm.Double", name, (property) => {
    const after = change(Number(valueOf(property).value));
    return after === undefined ? undefined : bare(property.name, "Edm.Double", after);
  });
}

/** The next Double up, in IEEE bits. */
function neighbour(value: number): number | undefined {
  if (!Number.isFinite(value) || value === 0 || Math.abs(value) === Number.MAX_VALUE) return undefined;
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  bits.writeBigInt64LE(bits.readBigInt64LE() + 1n);
  return bits.readDoubleLE();
}

function ofInteger(type: "Edm.Int32" | "Edm.Int64", name: string, wanted: (value: bigint) => boolean): Kind {
  return of(type, name, (property) => {
    const value = BigInt(valueOf(property).value as number | bigint);
    if (!wanted(value)) return undefined;
    const after = value > 0n ? value - 1n : value + 1n;
    return type === "Edm.Int32" ? bare(property.name, type, Number(after)) : quoted(property.name, type, String(after));
  });
}

function ofDateTime(name: string, ticks: bigint): Kind {
  return of("Edm.DateTime", name, ({ name: property, lexeme }) => {
    const value = parseTicks(JSON.parse(lexeme) as string) ?? 0n;
    const after = value < ticks ? value + ticks : value - ticks;
    return quoted(property, "Edm.DateTime", formatTicks(after));
  });
}

function ofBinary(name: string, change: (value: Buffer, chance: Chance) => Buffer | undefined): Kind {
  return of("Edm.Binary", name, (property, chance) => {
    const after = change(Buffer.from(stringOf(property), "base64"), chance);
    if (after === undefined || after.length > 65_536) return undefined;
    return quoted(property.name, "Edm.Binary", after.toString("base64"));
  });
}

function oneByte(value: Buffer, chance: Chance): Buffer | undefined {
  if (value.length === 0) return undefined;
  const after = Buffer.from(value);
  const at = chance.int(after.length);
  after[at] = (after[at] as number) ^ (1 << chance.int(8));
  return after;
}

function otherCase(value: string): string {
  const letter = /[a-z]/i.exec(value);
  if (letter === null) return value;
  const [found] = letter;
  const other = found === found.toLowerCase() ? found.toUpperCase() : found.toLowerCase();
  return value.slice(0, letter.index) + other + value.slice(letter.index + 1);
}

export const VALUES: readonly Kind[] = [
  onProperty("value", "another value of the same type", ({ name, type }, chance) => randomProperty(chance, name, type)),
  ofDouble("Double: sign of zero", (value) => (value === 0 ? -value : undefined)),
  ofDouble("Double: the neighbouring one", neighbour),
  ofDouble("Double: NaN or Infinity, and a number", (value) => (Number.isFinite(value) ? NaN : 0)),
  ofDouble("Double: sign", (value) => (Number.isNaN(value) || value === 0 ? undefined : -value)),
  ofInteger("Edm.Int32", "Int32: one off", () => true),
  ofInteger("Edm.Int64", "Int64: one off", () => true),
  ofInteger("Edm.Int64", "Int64: one off beyond 2^53", (value) => value > 2n ** 53n || value < -(2n ** 53n)),
  of("Edm.Boolean", "Boolean: the other one", ({ name, lexeme }) => bare(name, "Edm.Boolean", lexeme !== "true")),
  ofDateTime("DateTime: last tick (100 ns)", 1n),
  ofDateTime("DateTime: one millisecond", 10_000n),
  ofDateTime("DateTime: one hour", 36_000_000_000n),
  of("Edm.Guid", "Guid: one digit", ({ name, lexeme }) =>
    quoted(name, "Edm.Guid", (JSON.parse(lexeme) as string).replace(/[0-9a-f](?=[^0-9a-f]*$)/i, (digit) =>
      digit === "0" ? "1" : "0"))),
  ofBinary("Binary: one bit", oneByte),
  ofBinary("Binary: one byte more", (value) => Buffer.concat([value, Buffer.of(0)])),
  ofBinary("Binary: one byte less", (value) => (value.length === 0 ? undefined : value.subarray(0, -1))),
  ofString("String: one character", (value, chance) => {
    const at = chance.int(value.length + 1);
    return /[\ud800-\udfff]/.test(value) ? `${value}x` : `${value.slice(0, at)}x${value.slice(at + 1)}`;
  }),
  ofString("String: case of a letter", otherCase),
  ofString("String: a blank at the end", (value) => `${value} `),
  ofString("String: a blank at the end taken away", (value) => value.replace(/ $/, "")),
  ofString("String: Unicode normal form", (value) => {
    const composed = value.normalize("NFC");
    return composed === value ? value.normalize("NFD") : composed;
  }),
  ofString("String: line ends", (value) => value.replaceAll("\r\n", "\n")),
  ofString("String: a NUL at the end", (value) => `${value}\u0000`),
  ofString("String: an invisible character", (value) => `\u200b${value}`),
  ofString("String: a look-alike letter", (value) => value.replace("a", "\u0430").replace("e", "\u0435")),
  ofString("String: empty or not", (value) => (value === "" ? " " : "")),
  ofString("String: half a surrogate pair", (value) => `${value.slice(0, 5)}\ud83d`, true),
];
