import type { RowKey } from "../../migration/engine/row";
import type { Quirk } from "./differences";
import { key } from "./subject";

/** A value that has been lost by somebody's copier. */
export interface Animal {
  readonly title: string;
  /** JSON members as a source hands them over. */
  readonly members: string;
  /** What it must still be on arrival. */
  readonly types: readonly (readonly [property: string, type: string])[];
  /** The habit by which some store loses it, refuses it (`refuses...`) or fails (`fails...`). */
  readonly quirk?: Quirk;
}

const one = (title: string, type: string, value: string, quirk?: Quirk): Animal => ({
  title,
  members: `"v@odata.type":"${type}","v":${value}`,
  types: [["v", type]],
  ...(quirk !== undefined && { quirk }),
});

const bare = (title: string, type: string, value: string): Animal => ({
  title,
  members: `"v":${value}`,
  types: [["v", type]],
});

const names = (count: number, value: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `"p${n}":${value(n)}`).join(",");

/** 15 strings of 64 KiB and one that leaves a little less than 1 MiB in the service's own accounting. */
const NEARLY_A_MEBIBYTE = [
  ...Array.from({ length: 15 }, (_, n) => `"s${n + 10}":"${"x".repeat(32_768)}"`),
  `"rest":"${"y".repeat(32_400)}"`,
].join(",");

export const ZOO: readonly Animal[] = [
  one("Double 1.0", "Edm.Double", "1.0"),
  one("Double 6824053932181.0", "Edm.Double", "6824053932181.0"),
  one("Double -0.0", "Edm.Double", "-0.0", "flattensNegativeZero"),
  one("Double 4.9E-324", "Edm.Double", "4.9E-324"),
  one("Double 1e300", "Edm.Double", "1e300"),
  one("the largest Double", "Edm.Double", "1.7976931348623157E+308"),
  one("a Double of 17 digits", "Edm.Double", "0.30000000000000004"),
  one("an annotated Double without a point", "Edm.Double", "5"),
  one("Double NaN", "Edm.Double", '"NaN"'),
  one("Double Infinity", "Edm.Double", '"Infinity"'),
  one("Double -Infinity", "Edm.Double", '"-Infinity"'),
  bare("Int32 0", "Edm.Int32", "0"),
  bare("the smallest Int32", "Edm.Int32", "-2147483648"),
  bare("the largest Int32", "Edm.Int32", "2147483647"),
  one("Int64 beyond 2^53", "Edm.Int64", '"9007199254740993"'),
  one("the smallest Int64", "Edm.Int64", '"-9223372036854775808"'),
  one("the largest Int64", "Edm.Int64", '"9223372036854775807"'),
  one("a small Int64", "Edm.Int64", '"1"'),
  one("a DateTime with 100 ns ticks", "Edm.DateTime", '"2026-01-01T12:34:56.1234567Z"'),
  one("a DateTime without fraction", "Edm.DateTime", '"2026-01-01T00:00:00Z"'),
  one("the first DateTime", "Edm.DateTime", '"1601-01-01T00:00:00Z"'),
  one("the last DateTime", "Edm.DateTime", '"9999-12-31T23:59:59.9999999Z"'),
  one("a Guid", "Edm.Guid", '"c9da6455-213d-42c9-9a79-3e9149a57833"'),
  one("Binary", "Edm.Binary", '"AAECAwT/gA=="'),
  one("empty Binary", "Edm.Binary", '""'),
  one("64 KiB of Binary", "Edm.Binary", `"${Buffer.alloc(65_536, 7).toString("base64")}"`),
  bare("true", "Edm.Boolean", "true"),
  bare("false", "Edm.Boolean", "false"),
  bare("an empty string", "Edm.String", '""'),
  bare("a string like a number", "Edm.String", '"1.0"'),
  bare("a string like NaN", "Edm.String", '"NaN"'),
  bare("a string like a date", "Edm.String", '"2026-01-01T00:00:00Z"'),
  bare("a string like a guid", "Edm.String", '"c9da6455-213d-42c9-9a79-3e9149a57833"'),
  bare("a string like true", "Edm.String", '"true"'),
  bare("a string with blanks at both ends", "Edm.String", '"  x  "'),
  bare("a string with quotes, escapes and line ends", "Edm.String", '"\\"\\\\/\\b\\f\\n\\r\\t\'<>&"'),
  bare("a string like a multipart boundary", "Edm.String", '"\\r\\n--changeset_x--\\r\\nHTTP/1.1 404 Not Found\\r\\n"'),
  bare("a string with a NUL", "Edm.String", '"a\\u0000b"'),
  bare("a string of many scripts", "Edm.String", '"äß Ж 中 あ \\u00e9 e\\u0301 \\ud83d\\ude80 🚀 \\u2028"'),
  bare("64 KiB of string", "Edm.String", `"${"x".repeat(32_768)}"`),
  {
    title: "properties named partitionKey, rowKey, etag and timestamp",
    members: '"partitionKey":"a","rowKey":1,"etag":"b","timestamp":true',
    types: [
      ["partitionKey", "Edm.String"], ["rowKey", "Edm.Int32"], ["etag", "Edm.String"], ["timestamp", "Edm.Boolean"],
    ],
    quirk: "refusesReservedNames",
  },
  ...["id", "Id", "rid", "ResourceId", "resourceid"].map((name): Animal => ({
    title: `a property named ${name}`,
    members: `"${name}":"x"`,
    types: [[name, "Edm.String"]],
    quirk: "refusesReservedNames",
  })),
  {
    title: "properties named partitionKey, rowKey and timestamp",
    members: '"partitionKey":"a","rowKey":1,"timestamp":true',
    types: [["partitionKey", "Edm.String"], ["rowKey", "Edm.Int32"], ["timestamp", "Edm.Boolean"]],
  },
  {
    title: "a property named __proto__",
    members: '"__proto__":"x"',
    types: [["__proto__", "Edm.String"]],
    quirk: "losesProto",
  },
  ...["constructor", "toString", "valueOf"].map((name): Animal => ({
    title: `a property named ${name}`,
    members: `"${name}":"x"`,
    types: [[name, "Edm.String"]],
    quirk: "losesObjectMemberNames",
  })),
  {
    title: "a property named hasOwnProperty",
    members: '"hasOwnProperty":"x"',
    types: [["hasOwnProperty", "Edm.String"]],
    quirk: "failsOnHasOwnProperty",
  },
  {
    title: "properties named value, odata and error, as answers name their own",
    members: '"value":"x","odata":1,"error":true',
    types: [["value", "Edm.String"], ["odata", "Edm.Int32"], ["error", "Edm.Boolean"]],
  },
  {
    title: "names that differ by case",
    members: '"a":1,"A":"x"',
    types: [["a", "Edm.Int32"], ["A", "Edm.String"]],
  },
  {
    title: "names in other scripts",
    members: '"größe":1,"地":"x"',
    types: [["größe", "Edm.Int32"], ["地", "Edm.String"]],
  },
  { title: "a name of 255 characters", members: `"${"n".repeat(255)}":1`, types: [] },
  { title: "252 properties", members: names(252, String), types: [["p251", "Edm.Int32"]] },
  { title: "no property at all", members: "", types: [] },
  { title: "1 MiB less a little", members: NEARLY_A_MEBIBYTE, types: [["rest", "Edm.String"]] },
];

/** What the service refuses. */
export interface Limit {
  readonly title: string;
  readonly key?: RowKey;
  readonly members: string;
  /** The habit by which some store takes it all the same, or fails (`fails...`). */
  readonly quirk?: Quirk;
}

export const LIMITS: readonly Limit[] = [
  { title: "253 properties", members: names(253, String), quirk: "lacksSizeLimits" },
  { title: "a string beyond 64 KiB", members: `"v":"${"x".repeat(32_769)}"`, quirk: "lacksValueLimit" },
  { title: "an entity beyond 2 MiB", members: names(40, (n) => `"${"x".repeat(32_000)}${"ü".repeat(20_000)}${n}"`) },
  {
    title: "an entity beyond 1 MiB",
    members: `${NEARLY_A_MEBIBYTE},"more":"${"z".repeat(1000)}"`,
    quirk: "lacksSizeLimits",
  },
  { title: "a partition key of 1,025 UTF-16 units", key: key("k".repeat(1_025), "r"), members: "" },
  // The suite writes it with a character more.
  { title: "a row key of 1,025 UTF-16 units", key: key("p", "k".repeat(1_024)), members: "" },
  { title: "a property name with a dash", members: '"a-b":1', quirk: "acceptsAnyPropertyName" },
  {
    title: "a date before 1601",
    members: '"v@odata.type":"Edm.DateTime","v":"1600-12-31T23:59:59Z"',
    quirk: "acceptsEarlyDates",
  },
  { title: "a slash in a key", key: key("p", "a/b"), members: "", quirk: "failsOnSlashInKey" },
  ...["\\", "#", "?", "\u0001", "\u007f", "\u0085"].map((character): Limit => ({
    title: `U+${character.charCodeAt(0).toString(16).padStart(4, "0")} in a key`,
    key: key("p", `a${character}b`),
    members: "",
  })),
  {
    title: "an Int64 beyond 64 bits",
    members: '"v@odata.type":"Edm.Int64","v":"9223372036854775808"',
    quirk: "acceptsHugeIntegers",
  },
];
