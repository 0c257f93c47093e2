import { randomUUID } from "node:crypto";
import { assert } from "../../../engine/errors";
import type { WriteOperation } from "../../../engine/store";
import { keySegment } from "./keys";

export interface OperationRequest {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** After the endpoint: `/Cities(PartitionKey='a',RowKey='b')`. */
  readonly path: string;
  /** If-Match; undefined where it does not matter whether the row exists. */
  readonly ifMatch: string | undefined;
  readonly body: Buffer | undefined;
  /** Rights it needs, as a SAS spells them. */
  readonly rights: string;
}

const METHODS = {
  insert: { method: "POST", rights: "a", matches: false },
  replace: { method: "PUT", rights: "u", matches: true },
  merge: { method: "PATCH", rights: "u", matches: true },
  putReplace: { method: "PUT", rights: "au", matches: false },
  putMerge: { method: "PATCH", rights: "au", matches: false },
  delete: { method: "DELETE", rights: "d", matches: true },
} as const;

/** An operation in terms of HTTP, the same alone and inside a batch. */
export function operationRequest(table: string, operation: WriteOperation): OperationRequest {
  const { method, rights, matches } = METHODS[operation.kind];
  const { body, version, key } = operation;
  assert((body === undefined) === (operation.kind === "delete"), `a ${operation.kind} with the wrong body`);
  assert(!matches || Boolean(version), `a ${operation.kind} without the version it expects`);
  return {
    method,
    path: operation.kind === "insert" ? `/${table}` : `/${table}${keySegment(key)}`,
    ifMatch: matches ? version : undefined,
    body: body === undefined ? undefined : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    rights,
  };
}

export interface Batch {
  readonly contentType: string;
  readonly body: Buffer;
}

const PART_HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";

const INNER_HEADERS =
  "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0;NetFx\r\n" +
  "Prefer: return-no-content\r\n";

/** `--changeset_` and a UUID. */
const BOUNDARY_LINE_BYTES = 2 + "changeset_".length + 36 + 2;

function partHead(request: OperationRequest, root: string): string {
  const length = request.body === undefined ? ""
    : `Content-Type: application/json\r\nContent-Length: ${request.body.length}\r\n`;
  const match = request.ifMatch === undefined ? "" : `If-Match: ${request.ifMatch}\r\n`;
  return `${PART_HEAD}${request.method} ${root}${request.path} HTTP/1.1\r\n${INNER_HEADERS}${length}${match}\r\n`;
}

/** Bytes that an operation adds to a batch. `root` is the endpoint, origin and base path. */
export function batchPartBytes(request: OperationRequest, root: string): number {
  return BOUNDARY_LINE_BYTES + partHead(request, root).length + (request.body?.length ?? 0) + 2;
}

/** One changeset in one batch: all or nothing. Everything but the bodies is ASCII. */
export function buildBatch(requests: readonly OperationRequest[], root: string): Batch {
  const batch = `batch_${randomUUID()}`;
  const changeset = `changeset_${randomUUID()}`;
  const chunks: Buffer[] = [];
  let text = `--${batch}\r\nContent-Type: multipart/mixed; boundary=${changeset}\r\n\r\n`;
  for (const request of requests) {
    text += `--${changeset}\r\n${partHead(request, root)}`;
    if (request.body !== undefined) {
      chunks.push(Buffer.from(text, "latin1"), request.body);
      text = "";
    }
    text += "\r\n";
  }
  text += `--${changeset}--\r\n--${batch}--\r\n`;
  chunks.push(Buffer.from(text, "latin1"));
  return { contentType: `multipart/mixed; boundary=${batch}`, body: Buffer.concat(chunks) };
}
