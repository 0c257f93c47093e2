import { checkCosmosKey, checkDocument, checkReservedName } from "./cosmosRules";
import type { StoredEntity } from "./entity";
import { refuse } from "./errors";
import type { Profile } from "./profile";
import type { EdmValue } from "./values";

const TABLE_NAME = /^[A-Za-z][A-Za-z0-9]*$/;
/** A C# identifier; a dash has not been allowed since version 2009-04-14. */
const PROPERTY_NAME = /^[_\p{L}\p{Nl}][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\p{Cf}]*$/u;
const KEY_REFUSED = /[/\\#?\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u;

export function checkTableName(name: string): void {
  if (name.length < 3 || name.length > 63) throw refuse.resourceNameLength();
  if (!TABLE_NAME.test(name) || name.toLowerCase() === "tables") throw refuse.resourceName();
}

export function checkKey(name: "PartitionKey" | "RowKey", value: string, profile: Profile): void {
  if (value.length > profile.keyCharsMax) throw refuse.keyTooLarge(name);
  if (profile.name === "cosmos") checkCosmosKey(name, value, profile);
  if (KEY_REFUSED.test(value)) throw refuse.outOfRange(name, value);
}

export function checkPropertyName(name: string, profile: Profile): void {
  if (name.length > profile.propertyNameCharsMax) throw refuse.propertyNameLength();
  if (!PROPERTY_NAME.test(name)) throw refuse.propertyName();
  checkReservedName(name, profile);
}

function checkValue(value: EdmValue, profile: Profile): void {
  if (value.type !== "Edm.String" && value.type !== "Edm.Binary") return;
  const bytes = value.type === "Edm.String" ? value.value.length * 2 : value.value.length;
  if (bytes > profile.propertyBytesMax) throw refuse.propertyTooLarge();
}

const FIXED_BYTES = {
  "Edm.Double": 8, "Edm.Int32": 4, "Edm.Int64": 8, "Edm.Boolean": 1, "Edm.DateTime": 8, "Edm.Guid": 16,
} as const;

function valueBytes(value: EdmValue): number {
  if (value.type === "Edm.String") return value.value.length * 2 + 4;
  if (value.type === "Edm.Binary") return value.value.length + 4;
  return FIXED_BYTES[value.type];
}

/**
 * The size the service counts: 4 + 2 a key unit, and for each property 8 + 2 a name unit + the value
 * (the formula of the storage team's "Understanding Windows Azure Storage Billing").
 */
export function entityBytes(entity: Pick<StoredEntity, "partitionKey" | "rowKey" | "properties">): number {
  let bytes = 4 + (entity.partitionKey.length + entity.rowKey.length) * 2;
  for (const [name, value] of entity.properties) bytes += 8 + name.length * 2 + valueBytes(value);
  return bytes;
}

/** Everything that the service refuses in an entity as it would be stored. */
export function checkEntity(entity: StoredEntity, profile: Profile): void {
  checkKey("PartitionKey", entity.partitionKey, profile);
  checkKey("RowKey", entity.rowKey, profile);
  if (entity.properties.size > profile.propertiesMax) throw refuse.tooManyProperties();
  for (const [name, value] of entity.properties) {
    checkPropertyName(name, profile);
    checkValue(value, profile);
  }
  if (profile.name === "cosmos") checkDocument(entity, profile);
  else if (entityBytes(entity) > profile.entityBytesMax) throw refuse.entityTooLarge();
}
