import { OperationalError } from "../../engine/errors";
import type { Row } from "../../engine/row";
import { digestOf } from "./digest";
import { EDM } from "./wire/edm";
import { malformed } from "./wire/json";
import { KIND } from "./wire/memberTable";
import { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

const DOUBLE_ANNOTATION = Buffer.from('@odata.type":"Edm.Double",');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;

let output = Buffer.allocUnsafe(64 * 1024);
let outputEnd = 0;

function reserve(bytes: number): void {
  if (outputEnd + bytes <= output.length) return;
  const grown = Buffer.allocUnsafe(2 * (outputEnd + bytes));
  output.copy(grown, 0, 0, outputEnd);
  output = grown;
}

function copyRange(source: Buffer, start: number, end: number): void {
  reserve(end - start + 2);
  if (outputEnd > 1) output[outputEnd++] = COMMA;
  outputEnd += source.copy(output, outputEnd, start, end);
}

/** A number that only its spelling marks as a Double says so explicitly: some services drop ".0" otherwise. */
function needsAnnotation(members: Members, i: number): boolean {
  return members.role[i] === ROLE.property && members.kind[i] === KIND.number && members.fraction[i] === 1 &&
    members.type[i] === EDM.none;
}

function annotateDouble(members: Members, i: number): void {
  const start = members.nameStart[i] as number;
  const end = members.nameEnd[i] as number;
  reserve(end - start + DOUBLE_ANNOTATION.length + 2);
  if (outputEnd > 1) output[outputEnd++] = COMMA;
  output[outputEnd++] = QUOTE;
  outputEnd += members.bytes.copy(output, outputEnd, start, end);
  // The annotation's own comma is written with the member that follows.
  outputEnd += DOUBLE_ANNOTATION.copy(output, outputEnd, 0, DOUBLE_ANNOTATION.length - 1);
}

/** The entity as a destination is given it: every kept member byte for byte, what the server adds left out. */
export function bodyOf(members: Members): Buffer {
  const { bytes } = members;
  output[0] = OPEN;
  outputEnd = 1;
  let runStart = -1;
  let runEnd = -1;
  for (let i = 0; i < members.count; i++) {
    const kept = (members.role[i] as number) <= ROLE.keyAnnotation;
    const annotate = kept && needsAnnotation(members, i);
    if ((!kept || annotate) && runStart >= 0) {
      copyRange(bytes, runStart, runEnd);
      runStart = -1;
    }
    if (annotate) annotateDouble(members, i);
    if (kept) {
      // Neighbours are copied in one go, with whatever stands between them.
      if (runStart < 0) runStart = (members.nameStart[i] as number) - 1;
      runEnd = members.valueEnd[i] as number;
    }
  }
  if (runStart >= 0) copyRange(bytes, runStart, runEnd);
  reserve(1);
  output[outputEnd++] = CLOSE;
  const body = Buffer.allocUnsafe(outputEnd);
  output.copy(body, 0, 0, outputEnd);
  return body;
}

function mustBeText(members: Members, i: number, name: string): number {
  if (i < 0) throw malformed(`an entity without ${name}`, members.nameStart[0] as number);
  if (members.kind[i] !== KIND.string) throw malformed(`${name} is not a string`, members.valueStart[i] as number);
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
export function rowOf(members: Members, parts: RowParts): Row {
  mustBeText(members, members.partitionKey, "PartitionKey");
  const partitionKey = members.partitionKeyText();
  const rowKey = members.text(mustBeText(members, members.rowKey, "RowKey"));
  const modified = members.timestamp < 0 && parts.fallback !== undefined
    ? parts.fallback.modified : members.asciiText(mustBeText(members, members.timestamp, "Timestamp"));
  const version = members.etag < 0 && (parts.keysOnly || parts.fallback !== undefined)
    ? (parts.fallback?.version ?? "") : members.asciiText(mustBeText(members, members.etag, "odata.etag"));
  if (parts.keysOnly) return { partitionKey, rowKey, body: NOTHING, digest: 0n, modified, version };
  const digest = digestOf(members, partitionKey, rowKey);
  return { partitionKey, rowKey, body: bodyOf(members), digest, modified, version };
}

const ownMembers = new Members();

/** Reads an entity's bytes (a `Row.body`, or what a test wrote) into members that stay valid until the next call. */
export function membersOf(body: Uint8Array): Members {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const scanner = ownMembers.open(bytes);
  scanner.end(ownMembers.entity(scanner.space(0)));
  return ownMembers;
}

/** A row made of an entity's bytes; `prepareDigest` must have been awaited. */
export function rowOfBody(body: Uint8Array, modified: string, version: string): Row {
  try {
    return rowOf(membersOf(body), { keysOnly: false, fallback: { modified, version } });
  } catch (error) {
    if (error instanceof OperationalError && error.code === "MalformedResponse") {
      throw new OperationalError({ code: "EntityInvalid", message: `Not an entity: ${error.message}`, cause: error });
    }
    throw error;
  }
}
