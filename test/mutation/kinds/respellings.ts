import type { Chance } from "../chance";
import { entityText, joined, membersOf, type ModelRow, type Property, valueOf } from "../row";

/** Another text for the same row. */
export interface Respelling {
  readonly name: string;
  /** The entity's JSON; undefined where the row holds nothing that could be spelt so. */
  spell(row: ModelRow, chance: Chance): string | undefined;
}

/** Spells every value of one type anew; declines where no value changes its text. */
function values(
  name: string,
  type: Property["type"],
  spell: (property: Property, chance: Chance) => string,
): Respelling {
  return {
    name,
    spell(row, chance) {
      const properties = row.properties.map((one) =>
        one.type === type && one.lexeme !== "null" ? { ...one, lexeme: spell(one, chance) } : one);
      const text = entityText({ ...row, properties });
      return text === entityText(row) ? undefined : text;
    },
  };
}

/** Every UTF-16 unit as an escape. */
const units = (text: string) =>
  text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A JSON string with some or all characters escaped; escapes that are there stay, and surrogate pairs together. */
function escaped(json: string, chance: Chance, share: number): string {
  return json.replace(/\\(?:u[0-9a-f]{4}|.)|[\ud800-\udbff][\udc00-\udfff]|[^"\\]/gis, (found) =>
    found.startsWith("\\") || !chance.often(share) ? found : units(found));
}

/** Blanks where JSON allows them: between tokens. */
function spaced(members: readonly (readonly [string, string])[], chance: Chance): string {
  const blank = () => chance.pick(["", " ", "\n", "\t", "\r\n  "]);
  const inner = members.map(([name, value]) =>
    `${blank()}${JSON.stringify(name)}${blank()}:${blank()}${value}${blank()}`);
  return `{${inner.join(",")}${blank()}}`;
}

function doubles(property: Property, chance: Chance): string {
  const value = Number(valueOf(property).value);
  if (!Number.isFinite(value)) return property.lexeme;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const plain = Math.abs(value);
  const spellings = [
    sign + plain.toExponential(), sign + plain.toExponential().toUpperCase(), sign + plain.toExponential(17),
    ...(Number.isInteger(plain) && plain < 1e15 ? ["", ".0", ".00"].map((end) => sign + plain + end) : []),
  ];
  return chance.pick(spellings.filter((one) => one !== property.lexeme));
}

/** Annotations that the service leaves out because JSON says as much. */
function annotated(row: ModelRow): string {
  const types = new Map<string, string>(row.properties.map(({ name, type }) => [name, type]));
  const members = membersOf(row).filter(([name]) => !name.endsWith("@odata.type"));
  return joined(members.flatMap(([name, value]) => {
    const type = types.get(name);
    const member = [name, value] as const;
    return type === undefined ? [member] : [[`${name}@odata.type`, `"${type}"`] as const, member];
  }));
}

/** The last Base64 letter carries bits beyond the last byte: they mean nothing. */
function spareBits({ lexeme }: Property): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return lexeme.replace(/([A-Za-z0-9+/])(=+)"$/, (_all, letter: string, padding: string) =>
    `${alphabet[alphabet.indexOf(letter) | 1] as string}${padding}"`);
}

export const RESPELLINGS: readonly Respelling[] = [
  { name: "members in another order", spell: (row, chance) => joined(chance.shuffled(membersOf(row))) },
  {
    name: "annotations after all values",
    spell: (row) => {
      const members = membersOf(row);
      const annotation = ([name]: readonly [string, string]) => name.endsWith("@odata.type");
      return joined([...members.filter((one) => !annotation(one)), ...members.filter(annotation)]);
    },
  },
  { name: "white space between tokens", spell: (row, chance) => spaced(membersOf(row), chance) },
  {
    name: "characters escaped in names and values",
    spell: (row, chance) => {
      const share = chance.pick([0.2, 1]);
      const spell = (json: string) => (json.startsWith('"') ? escaped(json, chance, share) : json);
      return `{${membersOf(row).map(([name, value]) => `${spell(JSON.stringify(name))}:${spell(value)}`).join(",")}}`;
    },
  },
  { name: "a type given where JSON says it", spell: annotated },
  {
    name: "null for a property that is not there",
    spell: (row) => joined([...membersOf(row), ["notThere", "null"]]),
  },
  {
    name: "control members more",
    spell: (row) => joined([["odata.type", '"contoso.Zoo"'], ["odata.id", '"x"'], ["odata.editLink", '"y"'],
      ...membersOf(row)]),
  },
  values("DateTime with zeros at the end of its fraction", "Edm.DateTime", ({ lexeme }) => {
    const [whole = "", fraction = ""] = (JSON.parse(lexeme) as string).slice(0, -1).split(".");
    return JSON.stringify(`${whole}.${fraction.padEnd(7, "0")}Z`);
  }),
  values("Double as 5, 5.0 or 5E0", "Edm.Double", doubles),
  values("Guid in upper case", "Edm.Guid", ({ lexeme }) => lexeme.toUpperCase()),
  values("spare bits of Base64", "Edm.Binary", spareBits),
  values("a slash escaped", "Edm.String", ({ lexeme }) => lexeme.replaceAll("/", "\\/")),
];
