import type { SeedRow } from "./seed";

export const HARD_VALUES_TABLE = "HardValues";

/** Values that copiers lose, each with its type and as the service spells it. */
const VALUES: readonly (readonly [name: string, type: string, lexeme: string])[] = [
  ["double-one", "Edm.Double", "1.0"],
  ["double-large-integral", "Edm.Double", "6824053932181.0"],
  ["double-negative-zero", "Edm.Double", "-0.0"],
  ["double-smallest", "Edm.Double", "4.9E-324"],
  ["double-large", "Edm.Double", "1e300"],
  ["double-nan", "Edm.Double", '"NaN"'],
  ["double-infinity", "Edm.Double", '"Infinity"'],
  ["double-negative-infinity", "Edm.Double", '"-Infinity"'],
  ["int32", "Edm.Int32", "-2147483648"],
  ["int64-beyond-2-to-the-53", "Edm.Int64", '"9007199254740993"'],
  ["int64-smallest", "Edm.Int64", '"-9223372036854775808"'],
  ["datetime-100-ns", "Edm.DateTime", '"2026-01-01T12:34:56.1234567Z"'],
  ["datetime-1601", "Edm.DateTime", '"1601-01-01T00:00:00Z"'],
  ["guid", "Edm.Guid", '"c9da6455-213d-42c9-9a79-3e9149a57833"'],
  ["binary", "Edm.Binary", '"AAECAwT/gA=="'],
  ["boolean", "Edm.Boolean", "true"],
  ["string-empty", "Edm.String", '""'],
  ["string-like-a-number", "Edm.String", '"1.0"'],
  ["string-like-nan", "Edm.String", '"NaN"'],
  ["string-like-a-date", "Edm.String", '"2026-01-01T00:00:00Z"'],
  ["string-of-many-scripts", "Edm.String", '"äß Ж 中 あ 🚀 \\"quoted\\""'],
];

/** A small table with every Edm type and every value that is easily lost. */
export function hardRows(): readonly SeedRow[] {
  const values = VALUES.map(([rowKey, type, lexeme]) => ({
    partitionKey: "values",
    rowKey,
    members: `"value@odata.type":"${type}","value":${lexeme}`,
  }));
  const names = ['"partitionKey":"a","rowKey":1,"etag":"b","timestamp":true', '"name":1,"Name":"x","NAME":true'];
  const odd = names.map((members, at) => ({ partitionKey: "names", rowKey: String(at), members }));
  const keys = ["", "it's", "100 %", "a+b&c=d", "Ж 中 🚀"].map((rowKey) => ({
    partitionKey: "keys",
    rowKey,
    members: '"note":"a legal key"',
  }));
  return [...values, ...odd, ...keys];
}
