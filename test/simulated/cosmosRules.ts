import type { StoredEntity } from "./entity";
import { refuse, ServiceError } from "./errors";
import type { Profile } from "./profile";
import type { EdmValue } from "./values";
import { writeValue } from "./values";

const invalid = (message: string) => new ServiceError(400, "InvalidInput", message);

const tooLarge = () =>
  new ServiceError(413, "RequestEntityTooLarge", 'Message: {"Errors":["Request size is too large"]}');

/** A reserved name spelt as the document's own property breaks the service instead of being refused: recorded. */
const ETAG_MESSAGE =
  "The property or indexer 'Microsoft.Azure.Documents.Resource.ETag' cannot be used in this context because the set " +
  "accessor is inaccessible";

/** Either key: no key may be empty, and each has a limit in bytes of UTF-8. */
export function checkCosmosKey(name: "PartitionKey" | "RowKey", value: string, profile: Profile): void {
  if (value === "" && !profile.emptyKeys) {
    throw new ServiceError(400, "PropertiesNeedValue", "PartitionKey/RowKey cannot be empty");
  }
  const bytesMax = name === "RowKey" ? profile.rowKeyBytesMax : profile.partitionKeyBytesMax;
  if (Buffer.byteLength(value, "utf8") <= bytesMax) return;
  throw invalid(
    `The input name '${value.slice(0, 80)}' is invalid. Ensure to provide a unique non-empty string less than ` +
      `'${bytesMax}' characters.`,
  );
}

export function checkReservedName(name: string, profile: Profile): void {
  if (profile.propertyNamesReserved?.test(name) !== true) return;
  if (name === "ETag") throw new ServiceError(500, "InternalServerError", ETAG_MESSAGE);
  throw invalid(`One of the input values is invalid: ${name} is the name of a system property.`);
}

/** A property becomes an object with its type's number and its value. */
const ENVELOPE_BYTES = '"":{"$t":16,"$v":},'.length;

function valueBytes(value: EdmValue): number {
  return Buffer.byteLength(writeValue(value), "utf8");
}

/** The size of the document that an entity becomes: JSON text, binary as base64, keys twice. */
export function documentBytes(entity: Pick<StoredEntity, "partitionKey" | "rowKey" | "properties">): number {
  let bytes = 2 * (Buffer.byteLength(entity.partitionKey, "utf8") + Buffer.byteLength(entity.rowKey, "utf8")) + 64;
  for (const [name, value] of entity.properties) {
    bytes += ENVELOPE_BYTES + Buffer.byteLength(name, "utf8") + valueBytes(value);
  }
  return bytes;
}

export function checkDocument(entity: StoredEntity, profile: Profile): void {
  if (documentBytes(entity) > profile.entityBytesMax) throw tooLarge();
}

/** A table that is not there is a resource like any other, and nothing says that it is the table. */
export class TableMissing extends ServiceError {
  constructor() {
    const { status, code, message } = refuse.resourceNotFound();
    super(status, code, message);
    this.name = "TableMissing";
  }
}
