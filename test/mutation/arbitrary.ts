import type { EdmType } from "../simulated";
import type { Chance } from "./chance";
import { bare, type ModelRow, type Property, quoted, text } from "./row";

export const TYPES: readonly EdmType[] = [
  "Edm.String", "Edm.Double", "Edm.Int32", "Edm.Int64", "Edm.Boolean", "Edm.DateTime", "Edm.Guid", "Edm.Binary",
];

const WORDS = [
  "", " ", "x", "1", "1.0", "NaN", "true", "null", "0", "2026-01-01T00:00:00Z", "Zürich", "Zu\u0308rich", "東京", "🚀",
  "line\r\nline", "tab\t", " both ends ", "quote\"s", "back\\slash", "</a>", "\u0000", "\u2028", "ﬁ", "ß", "İ",
  "AAECAwT/gA==", "c9da6455-213d-42c9-9a79-3e9149a57833",
];

const DOUBLES = [0, -0, 1, -1, 5, 0.1, 0.30000000000000004, 1e300, 4.9e-324, 2 ** 53, Number.MAX_VALUE, NaN, Infinity];

export function randomString(chance: Chance): string {
  if (chance.often(0.5)) return chance.pick(WORDS);
  return Array.from({ length: 1 + chance.int(30) }, () =>
    chance.often(0.8) ? String.fromCharCode(32 + chance.int(95)) : String.fromCodePoint(0xa1 + chance.int(0x2000)),
  ).join("");
}

/** Any finite bit pattern, or one that is known to make trouble. */
export function randomDouble(chance: Chance): number {
  if (chance.often(0.4)) return chance.pick(DOUBLES);
  const value = chance.bytes(8).readDoubleLE();
  return Number.isFinite(value) ? value : chance.int(1_000) / 8;
}

export function randomInt64(chance: Chance): bigint {
  return chance.often(0.3) ? BigInt(chance.int(100)) : chance.bytes(8).readBigInt64LE();
}

/** Ticks of 100 ns are kept: seven digits of a second. */
export function randomDateTime(chance: Chance): string {
  const two = (from: number, count: number) => String(from + chance.int(count)).padStart(2, "0");
  const date = `${1601 + chance.int(8_000)}-${two(1, 12)}-${two(1, 28)}`;
  const fraction = chance.often(0.6) ? `.${1 + chance.int(9_999_999)}` : "";
  return `${date}T${two(0, 24)}:${two(0, 60)}:${two(0, 60)}${fraction.slice(0, 8)}Z`;
}

export function randomGuid(chance: Chance): string {
  return [8, 4, 4, 4, 12].map((digits) => chance.hex(digits)).join("-");
}

export function randomProperty(chance: Chance, name: string, type = chance.pick(TYPES)): Property {
  switch (type) {
    case "Edm.String": return text(name, randomString(chance));
    case "Edm.Double": return bare(name, type, randomDouble(chance));
    case "Edm.Int32": return bare(name, type, chance.often(0.3) ? chance.int(3) : chance.bytes(4).readInt32LE());
    case "Edm.Int64": return quoted(name, type, String(randomInt64(chance)));
    case "Edm.Boolean": return bare(name, type, chance.often(0.5));
    case "Edm.DateTime": return quoted(name, type, randomDateTime(chance));
    case "Edm.Guid": return quoted(name, type, randomGuid(chance));
    case "Edm.Binary": return quoted(name, type, chance.bytes(chance.int(40)).toString("base64"));
  }
}

const NAMES = [
  "name", "Name", "population", "größe", "constructor", "__proto__", "value", "odata", "partitionKey", "etag", "_1",
];

export function randomName(chance: Chance): string {
  return chance.often(0.4) ? chance.pick(NAMES) : `p${chance.hex(1 + chance.int(4))}`;
}

const KEYS = ["a", "A", "b", "é", "e\u0301", "10", "9", "a b", "x'y", "中", "ﬀ", "~", "%41", "-"];

/** Of what a key may hold; never the same twice in a row. */
export function randomKey(chance: Chance): string {
  return Array.from({ length: 1 + chance.int(3) }, () => chance.pick(KEYS)).join("") + chance.hex(2);
}

export function randomRow(chance: Chance): ModelRow {
  const names = new Set(Array.from({ length: chance.int(9) }, () => randomName(chance)));
  return {
    partitionKey: randomKey(chance),
    rowKey: randomKey(chance),
    properties: [...names].map((name) => randomProperty(chance, name)),
  };
}
