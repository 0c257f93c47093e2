import { readEntity } from "../simulated/entity";
import { parseJson, quote } from "../simulated/json";
import { ZOO } from "../contract/zoo";
import { randomGuid, randomKey, randomRow } from "./arbitrary";
import type { Chance } from "./chance";
import { bare, entityText, type ModelRow, type Property, quoted, sorted, text } from "./row";

/** Animals of more bytes than this live in a table of their own, since every attack reads its whole table. */
const SMALL_BYTES_MAX = 2_000;

/** `members` as the zoo has them, as properties. */
function propertiesOf(members: string): readonly Property[] {
  const json = parseJson(`{${members}}`);
  if (json.kind !== "object") throw new Error(`Not an entity: ${members.slice(0, 80)}`);
  const types = readEntity(`{${members}}`).properties;
  return json.members.flatMap(([name, value]): Property[] => {
    const type = types.get(name)?.type;
    if (type === undefined) return [];
    if (value.kind === "string") return [{ name, type, lexeme: quote(value.value) }];
    if (value.kind === "number") return [{ name, type, lexeme: value.lexeme }];
    return value.kind === "boolean" ? [bare(name, type, value.value)] : [];
  });
}

const ANIMALS: readonly (readonly Property[])[] = ZOO.map(({ members }) => propertiesOf(members));
const sizeOf = (properties: readonly Property[]) => entityText({ partitionKey: "", rowKey: "", properties }).length;
const SMALL = ANIMALS.filter((properties) => sizeOf(properties) <= SMALL_BYTES_MAX);
const LARGE = ANIMALS.filter((properties) => sizeOf(properties) > SMALL_BYTES_MAX);

/** Rows that hold what every kind of mutation needs, so that none goes untried. */
function specimens(chance: Chance): readonly (readonly Property[])[] {
  const small = chance.int(1_000);
  return [
    [
      bare("zero", "Edm.Double", chance.often(0.5) ? 0 : -0), bare("one", "Edm.Double", 1),
      bare("whole", "Edm.Double", small), bare("nan", "Edm.Double", NaN), bare("fraction", "Edm.Double", small / 7),
      text("nanText", "NaN"), text("number", "1.0"), bare("int", "Edm.Int32", 1), bare("nil", "Edm.Int32", 0),
      quoted("long", "Edm.Int64", String(small)), quoted("beyond", "Edm.Int64", "9007199254740993"),
      bare("yes", "Edm.Boolean", chance.often(0.5)), text("yesText", "true"),
    ],
    [
      quoted("when", "Edm.DateTime", `20${10 + chance.int(20)}-01-01T12:34:56.1234567Z`),
      quoted("whole", "Edm.DateTime", "2026-01-01T00:00:00Z"), text("whenText", "2026-01-01T00:00:00Z"),
      quoted("id", "Edm.Guid", randomGuid(chance)), text("idText", randomGuid(chance)),
      quoted("bytes", "Edm.Binary", chance.bytes(1 + chance.int(20)).toString("base64")),
      quoted("noBytes", "Edm.Binary", ""), text("bytesText", "AAECAwT/gA=="), text("empty", ""),
      text("place", "Zürich é"), text("lines", "one\r\ntwo"), text("blank", "ends here "), text("Case", "Landbridge"),
    ],
  ];
}

/** A table that both sides hold before an attack. */
export function referenceTable(chance: Chance, large: boolean): readonly ModelRow[] {
  const animals = large ? [chance.pick(LARGE)] : [...specimens(chance), ...chance.shuffled(SMALL).slice(0, 6)];
  const partitions = [randomKey(chance), randomKey(chance)];
  const rows = new Map<string, ModelRow>();
  const add = (row: ModelRow) => rows.set(JSON.stringify([row.partitionKey, row.rowKey]), row);
  for (const properties of animals) {
    add({ partitionKey: chance.pick(partitions), rowKey: randomKey(chance), properties });
  }
  for (let n = 0; n < 4; n++) add(randomRow(chance));
  return sorted([...rows.values()]);
}
