import { OperationalError } from "../../engine/errors";
import type { Row } from "../../engine/row";
import { Bodies } from "./bodies";
import { digestOf } from "./digest";
import { malformed } from "./wire/json";
import { KIND } from "./wire/memberTable";
import { Members } from "./wire/members";

// Imports are getters once transpiled; what runs once per row is kept as a constant of the module.
const STRING = KIND.string;

function mustBeText(members: Members, i: number, name: string): number {
  if (i < 0) throw malformed(`an entity without ${name}`, members.nameStart[0] as number);
  if (members.kind[i] !== STRING) throw malformed(`${name} is not a string`, members.valueStart[i] as number);
  return i;
}

export interface RowParts {
  /** Without: `body` is empty and `digest` 0n, and an ETag may be missing ("" then). */
  readonly keysOnly: boolean;
  /** ETag and Timestamp where the entity itself has none: a body, or an answer that carries them in headers. */
  readonly fallback?: { readonly modified: string; readonly version: string };
}

const NOTHING = Buffer.alloc(0);

/** The entity that `members` holds, as a row. Throws `MalformedResponse` or `ValueInvalid`. */
export function rowOf(members: Members, parts: RowParts, bodies: Bodies): Row {
  mustBeText(members, members.partitionKey, "PartitionKey");
  const partitionKey = members.partitionKeyText();
  const rowKey = members.text(mustBeText(members, members.rowKey, "RowKey"));
  const modified = members.timestamp < 0 && parts.fallback !== undefined
    ? parts.fallback.modified : members.asciiText(mustBeText(members, members.timestamp, "Timestamp"));
  const version = members.etag < 0 && (parts.keysOnly || parts.fallback !== undefined)
    ? (parts.fallback?.version ?? "") : members.asciiText(mustBeText(members, members.etag, "odata.etag"));
  if (parts.keysOnly) return { partitionKey, rowKey, body: NOTHING, digest: 0n, modified, version };
  const digest = digestOf(members);
  return { partitionKey, rowKey, body: bodies.of(members), digest, modified, version };
}

const ownMembers = new Members();

/** Reads an entity's bytes (a `Row.body`, or what a test wrote) into members that stay valid until the next call. */
export function membersOf(body: Uint8Array): Members {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const scanner = ownMembers.open(bytes);
  scanner.end(ownMembers.entity(scanner.space(0)));
  return ownMembers;
}

/** A row made of an entity's bytes. Throws `EntityInvalid` or `ValueInvalid`. */
export function rowOfBody(body: Uint8Array, modified: string, version: string): Row {
  try {
    const parts = { keysOnly: false, fallback: { modified, version } };
    return rowOf(membersOf(body), parts, new Bodies(body.byteLength));
  } catch (error) {
    if (error instanceof OperationalError && error.code === "MalformedResponse") {
      throw new OperationalError({ code: "EntityInvalid", message: `Not an entity: ${error.message}`, cause: error });
    }
    throw error;
  }
}
