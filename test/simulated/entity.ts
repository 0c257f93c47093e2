import { refuse } from "./errors";
import type { MetadataLevel } from "./http";
import type { Json } from "./json";
import { parseJson, quote } from "./json";
import { STORAGE } from "./profile";
import type { Spelling } from "./spelling";
import type { EdmValue } from "./values";
import { needsAnnotation, readValue, writeValue } from "./values";

/** A row as the service keeps it. Properties are a Map: `__proto__` and `constructor` are names like any other. */
export interface StoredEntity {
  readonly partitionKey: string;
  readonly rowKey: string;
  /** The server's Timestamp, 100 ns ticks since 1601; the ETag is made of it. */
  readonly ticks: bigint;
  readonly properties: ReadonlyMap<string, EdmValue>;
}

/** What a request body says of an entity; keys are absent where the body leaves them out. */
export interface SentEntity {
  readonly partitionKey: string | undefined;
  readonly rowKey: string | undefined;
  readonly properties: ReadonlyMap<string, EdmValue>;
}

const ANNOTATION = "@odata.type";

function keyOf(value: Json | undefined): string | undefined {
  if (value === undefined || value.kind === "null") return undefined;
  if (value.kind !== "string") throw refuse.keyType();
  return value.value;
}

/** Reads an entity from a request body. A null member is an absent one; `Timestamp` and `odata.*` are the server's. */
export function readEntity(body: string): SentEntity {
  const json = parseJson(body);
  if (json.kind !== "object") throw refuse.invalidInput("The request body is not a JSON object.");
  const members = new Map<string, Json>();
  const types = new Map<string, string>();
  for (const [name, value] of json.members) {
    if (name.endsWith(ANNOTATION) && value.kind === "string") {
      types.set(name.slice(0, -ANNOTATION.length), value.value);
    } else if (!name.startsWith("odata.")) {
      if (members.has(name)) throw refuse.duplicateProperty();
      members.set(name, value);
    }
  }
  const properties = new Map<string, EdmValue>();
  for (const [name, value] of members) {
    if (name === "PartitionKey" || name === "RowKey" || name === "Timestamp" || value.kind === "null") continue;
    properties.set(name, readValue(value, types.get(name)));
  }
  return { partitionKey: keyOf(members.get("PartitionKey")), rowKey: keyOf(members.get("RowKey")), properties };
}

/** How an entity is written out. */
export interface EntityStyle {
  readonly level: MetadataLevel;
  readonly spelling: Spelling;
  /** Property names of `$select`; absent: all. */
  readonly select?: readonly string[];
  /** Escape everything beyond U+007F. */
  readonly ascii: boolean;
  /** `http://host/account` and the table, for the addresses in full metadata. */
  readonly root: string;
  readonly account: string;
  readonly table: string;
}

function address(entity: StoredEntity, table: string): string {
  const key = (text: string) => encodeURIComponent(text.replaceAll("'", "''")).replaceAll("'", "%27");
  return `${table}(PartitionKey='${key(entity.partitionKey)}',RowKey='${key(entity.rowKey)}')`;
}

function metadata(entity: StoredEntity, style: EntityStyle): string[] {
  const etag = `"odata.etag":${quote(style.spelling.etag(entity.ticks))}`;
  if (style.level === "nometadata") return [];
  if (style.level === "minimalmetadata") return [etag];
  const link = address(entity, style.table);
  return [
    `"odata.type":${quote(`${style.account}.${style.table}`)}`,
    `"odata.id":${quote(`${style.root}/${link}`)}`,
    etag,
    `"odata.editLink":${quote(link)}`,
  ];
}

const KEYS = ["PartitionKey", "RowKey"];
const SYSTEM = [...KEYS, "Timestamp"];

/** One of the three members that every entity has. */
function systemValue(entity: StoredEntity, name: string): EdmValue | undefined {
  if (name === "PartitionKey") return { type: "Edm.String", value: entity.partitionKey };
  if (name === "RowKey") return { type: "Edm.String", value: entity.rowKey };
  return name === "Timestamp" ? { type: "Edm.DateTime", value: entity.ticks } : undefined;
}

/** A property with its type where one is needed, as minimal metadata has it. */
export function writeMember(name: string, value: EdmValue): string {
  return member(name, value, { level: "minimalmetadata", ascii: false, spelling: STORAGE.spelling });
}

function member(
  name: string,
  value: EdmValue | undefined,
  style: Pick<EntityStyle, "level" | "ascii" | "spelling">,
): string {
  const key = quote(name, style.ascii);
  if (value === undefined) return `${key}:null`;
  // Timestamp's type is known from the model: it is annotated at the full level only.
  const known = style.level === "nometadata" || (style.level === "minimalmetadata" && name === "Timestamp");
  const annotate = needsAnnotation(value) && !known;
  const text = `${key}:${writeValue(value, style.ascii, style.spelling.dateTime)}`;
  return annotate ? `${quote(`${name}${ANNOTATION}`, style.ascii)}:"${value.type}",${text}` : text;
}

/** The entity's members, without the braces: a single entity has `odata.metadata` in front of them. */
export function writeMembers(entity: StoredEntity, style: EntityStyle): string {
  // Keys are often all that is selected: properties are read only where they are wanted.
  const onlySystem = style.select?.every((name) => SYSTEM.includes(name)) === true;
  const properties = onlySystem ? undefined : entity.properties;
  const own = [...(properties?.keys() ?? [])];
  const { timestampLast, selectsMissingAsNull } = style.spelling;
  const names = style.select ?? (timestampLast ? [...KEYS, ...own, "Timestamp"] : [...SYSTEM, ...own]);
  const value = (name: string) => systemValue(entity, name) ?? properties?.get(name);
  const shown = selectsMissingAsNull ? names : names.filter((name) => value(name) !== undefined);
  return [...metadata(entity, style), ...shown.map((name) => member(name, value(name), style))].join(",");
}
