import * as fc from "fast-check";

/** A property value apart from how it is spelt: equal `canonical`, equal value. */
export interface Value {
  readonly type: string;
  readonly canonical: string;
  /** JSON spellings of the value; `bare` ones need no annotation. */
  readonly spellings: readonly { readonly json: string; readonly bare: boolean }[];
  /** Text to be escaped anew each time, for strings. */
  readonly text?: string;
}

export interface Property {
  readonly name: string;
  readonly value: Value;
}

export interface Entity {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly properties: readonly Property[];
}

/** Any string of UTF-16 units, lone surrogates among them. */
export const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e }),
    fc.constantFrom(0x22, 0x5c, 0x2f, 0xd83d, 0xde00)), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

const AWKWARD_NAMES = [
  "partitionKey", "rowKey", "partitionkey", "rowkey", "PARTITIONKEY", "etag", "ETag", "timestamp", "TimeStamp",
  "__proto__", "constructor", "toString", "hasOwnProperty", "value", "odata", "type", "A", "a", "é", "名前", "_",
];

const name = fc.oneof(
  fc.constantFrom(...AWKWARD_NAMES),
  fc.tuple(fc.constantFrom(..."abcXYZ_Ωж"), fc.stringMatching(/^[A-Za-z0-9_]{0,12}$/)).map((parts) => parts.join("")),
).filter((text) => text !== "PartitionKey" && text !== "RowKey" && text !== "Timestamp");

const boolean = fc.boolean().map((value): Value => ({
  type: "Edm.Boolean", canonical: String(value), spellings: [{ json: String(value), bare: true }],
}));

const int32 = fc.integer().map((value): Value => ({
  type: "Edm.Int32",
  canonical: String(value),
  spellings: [{ json: String(value), bare: true }, ...(value === 0 ? [{ json: "-0", bare: true }] : [])],
}));

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Value => ({
  type: "Edm.Int64",
  canonical: String(value),
  spellings: [`"${value}"`, `"${String(value).replace(/^-?/, (sign) => `${sign}00`)}"`, String(value)]
    .map((json) => ({ json, bare: false })),
}));

function doubleValue(value: number): Value {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(Number.isNaN(value) ? NaN : value);
  const canonical = Number.isNaN(value) ? "NaN" : bits.toString("hex");
  if (!Number.isFinite(value)) {
    return { type: "Edm.Double", canonical, spellings: [{ json: `"${value}"`, bare: false }] };
  }
  const exponential = value.toExponential().replace(/^0e/, Object.is(value, -0) ? "-0e" : "0e");
  const plain = Object.is(value, -0) ? "-0" : String(value);
  const pointed = /[.e]/.test(plain) ? plain : `${plain}.0`;
  return {
    type: "Edm.Double",
    canonical,
    spellings: [
      { json: pointed, bare: true }, { json: exponential, bare: true }, { json: exponential.toUpperCase(), bare: true },
      { json: plain, bare: false }, { json: `"${pointed}"`, bare: false },
    ],
  };
}

const double = fc.oneof(
  fc.double(), fc.constantFrom(1, 6824053932181, -0, 0, 5e-324, 1e300, NaN, Infinity, -Infinity),
).map(doubleValue);

const dateTime = fc
  .tuple(fc.date({ min: new Date("1601-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    fc.integer({ min: 0, max: 9_999_999 }))
  .map(([date, ticks]): Value => {
    const second = date.toISOString().slice(0, 19);
    const full = `${second}.${String(ticks).padStart(7, "0")}`;
    const short = full.replace(/\.?0+$/, "");
    const trimmed = ticks === 0 ? second : short;
    return {
      type: "Edm.DateTime",
      canonical: full,
      spellings: [`"${full}Z"`, `"${trimmed}Z"`].map((json) => ({ json, bare: false })),
    };
  });

const guid = fc.uuid().map((value): Value => ({
  type: "Edm.Guid",
  canonical: value,
  spellings: [`"${value}"`, `"${value.toUpperCase()}"`].map((json) => ({ json, bare: false })),
}));

const binary = fc.uint8Array({ maxLength: 20 }).map((value): Value => {
  const text = Buffer.from(value).toString("base64");
  return {
    type: "Edm.Binary", canonical: text,
    spellings: [`"${text}"`, `"${text.replaceAll("/", "\\/")}"`].map((json) => ({ json, bare: false })),
  };
});

const string = anyText.map((text): Value => ({ type: "Edm.String", canonical: text, spellings: [], text }));

export const anyValue: fc.Arbitrary<Value> = fc.oneof(
  boolean, int32, int64, double, dateTime, guid, binary, string,
);

export const anyEntity: fc.Arbitrary<Entity> = fc.record({
  partitionKey: anyText,
  rowKey: anyText,
  properties: fc.uniqueArray(fc.record({ name, value: anyValue }), { maxLength: 8, selector: (p) => p.name }),
});

/** How the spelling of an entity is chosen: numbers in [0, 1). */
export type Choose = () => number;

export function pick<T>(choose: Choose, of: readonly T[]): T {
  return of[Math.floor(choose() * of.length)] as T;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
};

/** A JSON string, each character escaped or not as the grammar and `choose` will have it. */
export function spellText(choose: Choose, text: string): string {
  // Iterates code points: a surrogate pair stays together when it is written raw.
  const parts = [...text].map((character) => {
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    const lone = units.length === 1 && /[\ud800-\udfff]/.test(character);
    const mustEscape = lone || units[0] as number < 0x20 || character === '"' || character === "\\";
    const hex = units.map((unit) => {
      const digits = unit.toString(16).padStart(4, "0");
      return `\\u${choose() < 0.5 ? digits : digits.toUpperCase()}`;
    }).join("");
    if (!mustEscape && choose() < 0.8) return character;
    return choose() < 0.5 ? (SHORT[character] ?? hex) : hex;
  });
  return `"${parts.join("")}"`;
}

function space(choose: Choose): string {
  return choose() < 0.85 ? "" : pick(choose, [" ", "\n", "\r\n", "\t", "  "]);
}

/** One member, with white space around its colon. */
export function spellMember(choose: Choose, memberName: string, json: string): string {
  return `${spellText(choose, memberName)}${space(choose)}:${space(choose)}${json}`;
}

export function spellValue(choose: Choose, value: Value): { readonly json: string; readonly annotated: boolean } {
  if (value.text !== undefined) return { json: spellText(choose, value.text), annotated: choose() < 0.2 };
  const { json, bare } = pick(choose, value.spellings);
  return { json, annotated: !bare || choose() < 0.3 };
}

export function shuffle<T>(choose: Choose, items: readonly T[]): T[] {
  return items.map((item) => ({ item, rank: choose() })).sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

/** The members of an entity in some order and spelling. Annotations may come apart from their properties. */
export function spellMembers(choose: Choose, entity: Entity): string[] {
  const members = [
    spellMember(choose, "PartitionKey", spellText(choose, entity.partitionKey)),
    spellMember(choose, "RowKey", spellText(choose, entity.rowKey)),
  ];
  for (const { name: propertyName, value } of entity.properties) {
    const { json, annotated } = spellValue(choose, value);
    members.push(spellMember(choose, propertyName, json));
    if (annotated) {
      members.push(spellMember(choose, `${propertyName}@odata.type`, spellText(choose, value.type)));
    }
  }
  return choose() < 0.5 ? members : shuffle(choose, members);
}

export function joinMembers(choose: Choose, members: readonly string[]): string {
  return `{${space(choose)}${members.join(`${space(choose)},${space(choose)}`)}${space(choose)}}`;
}

export const SERVER_MEMBERS = [
  '"odata.etag":"W/\\"datetime\'2026-01-02T03%3A04%3A05.1234567Z\'\\""',
  '"Timestamp":"2026-01-02T03:04:05.1234567Z"',
  '"Timestamp@odata.type":"Edm.DateTime"',
];

/** A page as a service sends it: entities with the server's members, in any order and white space. */
export function spellPage(choose: Choose, entities: readonly (readonly string[])[]): string {
  const spelt = entities.map((members) => joinMembers(choose, shuffle(choose, [...SERVER_MEMBERS, ...members])));
  const value = `"value":${space(choose)}[${space(choose)}${spelt.join(`${space(choose)},${space(choose)}`)}]`;
  const others = ['"odata.metadata":"http://x/$metadata#T"', '"odata.other":{"value":[1,{"a":[]}]}'];
  return joinMembers(choose, shuffle(choose, [value, ...others]));
}

/** Any number in [0, 1), evenly: `fc.double` would mostly give numbers next to 0. */
export const anyShare: fc.Arbitrary<number> = fc.nat({ max: 0xffff }).map((value) => value / 0x10000);

/** A source of choices for `spell...`, from fast-check's own randomness so that failures shrink and repeat. */
export const anyChoices: fc.Arbitrary<Choose> = fc
  .infiniteStream(anyShare)
  .map((stream) => () => stream.next().value as number);
