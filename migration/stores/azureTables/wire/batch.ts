import { randomUUID } from "node:crypto";
import { assert } from "../../../engine/errors";
import type { WriteOperation } from "../../../engine/store";
import { keyBytesMax, keySegment } from "./keys";

export interface OperationRequest {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** After the endpoint: `/Cities(PartitionKey='a',RowKey='b')`. */
  readonly path: string;
  /** If-Match; undefined where it does not matter whether the row exists. */
  readonly ifMatch: string | undefined;
  readonly body: Uint8Array | undefined;
  /** X-HTTP-Method, for a service that does not take the method itself. */
  readonly override: "MERGE" | undefined;
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

/**
 * An operation in terms of HTTP, the same alone and inside a batch. `mergesByPost`: the service does not take PATCH.
 */
export function operationRequest(table: string, operation: WriteOperation, mergesByPost = false): OperationRequest {
  const { method, rights, matches } = METHODS[operation.kind];
  const { body, version, key } = operation;
  // A message is made only for who reads it: this runs for every row.
  if ((body === undefined) !== (operation.kind === "delete")) assert(false, `a ${operation.kind} with the wrong body`);
  if (matches && !version) assert(false, `a ${operation.kind} without the version it expects`);
  const overridden = mergesByPost && method === "PATCH";
  return {
    method: overridden ? "POST" : method,
    override: overridden ? "MERGE" : undefined,
    path: operation.kind === "insert" ? `/${table}` : `/${table}${keySegment(key)}`,
    ifMatch: matches ? version : undefined,
    body,
    rights,
  };
}

const PART_HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";

const INNER_HEADERS =
  "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0;NetFx\r\n" +
  "Prefer: return-no-content\r\n";

const OVERRIDE_HEADER = "X-HTTP-Method: MERGE\r\n";

const BODY_HEADERS = "Content-Type: application/json\r\nContent-Length: ";

/** Digits of the longest body's length, and the line ends before and after a body. */
const BODY_FRAME_BYTES_MAX = 10 + 4 + 2;

/** Longest name of a table. */
const TABLE_CHARS_MAX = 63;

/** Insert heads kept: as many tables are written to at once. */
const HEADS_KEPT_MAX = 256;

/**
 * Builds batches: one changeset in one batch, all or nothing. Everything but the bodies is ASCII.
 * The boundaries stay the same: no body can hold one, since JSON has no line end inside its strings and no word that
 * begins with two dashes outside them.
 */
export class BatchBuilder {
  readonly contentType: string;
  private readonly partLine: string;
  private readonly opening: Buffer;
  private readonly closing: Buffer;
  private readonly insertHeads = new Map<string, Buffer>();
  private readonly fixedBytes: number;

  /** `root` is the endpoint, origin and base path. `mergesByPost`: see `operationRequest`. */
  constructor(private readonly root: string, mergesByPost = false) {
    const batch = `batch_${randomUUID()}`;
    const changeset = `changeset_${randomUUID()}`;
    this.contentType = `multipart/mixed; boundary=${batch}`;
    this.partLine = `--${changeset}\r\n${PART_HEAD}`;
    this.opening = Buffer.from(`--${batch}\r\nContent-Type: multipart/mixed; boundary=${changeset}\r\n\r\n`);
    this.closing = Buffer.from(`--${changeset}--\r\n--${batch}--\r\n`);
    const longest = this.head("DELETE", `/${"T".repeat(TABLE_CHARS_MAX)}`, undefined);
    const override = mergesByPost ? OVERRIDE_HEADER.length : 0;
    this.fixedBytes = longest.length + override + BODY_HEADERS.length + BODY_FRAME_BYTES_MAX;
  }

  /** Everything of a part before its body's headers. */
  private head(method: string, path: string, ifMatch: string | undefined): string {
    const match = ifMatch === undefined ? "" : `If-Match: ${ifMatch}\r\n`;
    return `${this.partLine}${method} ${this.root}${path} HTTP/1.1\r\n${INNER_HEADERS}${match}`;
  }

  private headBytes(request: OperationRequest): Buffer {
    if (request.method !== METHODS.insert.method || request.override !== undefined) return this.freshHead(request);
    let known = this.insertHeads.get(request.path);
    if (known === undefined) {
      if (this.insertHeads.size >= HEADS_KEPT_MAX) this.insertHeads.clear();
      known = this.freshHead(request);
      this.insertHeads.set(request.path, known);
    }
    return known;
  }

  private freshHead({ method, path, ifMatch, body, override }: OperationRequest): Buffer {
    const head = `${this.head(method, path, ifMatch)}${override === undefined ? "" : OVERRIDE_HEADER}`;
    return Buffer.from(body === undefined ? head : `${head}${BODY_HEADERS}`, "latin1");
  }

  /** Bytes that an operation adds to a batch, at most: the table's name is taken for the longest. */
  partBytesMax(operation: WriteOperation): number {
    const key = operation.kind === "insert" ? 0 : keyBytesMax(operation.key);
    const match = operation.version === undefined ? 0 : IF_MATCH_BYTES + operation.version.length;
    return this.fixedBytes + key + match + (operation.body?.byteLength ?? 0);
  }

  build(requests: readonly OperationRequest[]): Buffer {
    const heads = requests.map((request) => this.headBytes(request));
    let bytes = this.opening.length + this.closing.length + BODY_FRAME_BYTES_MAX * requests.length;
    for (let i = 0; i < heads.length; i++) {
      bytes += (heads[i] as Buffer).length + ((requests[i] as OperationRequest).body?.length ?? 0);
    }
    const out = Buffer.allocUnsafeSlow(bytes);
    let at = append(out, 0, this.opening);
    for (let i = 0; i < heads.length; i++) {
      const { body } = requests[i] as OperationRequest;
      at = append(out, at, heads[i] as Buffer);
      if (body !== undefined) at += out.write(`${body.length}\r\n`, at, "latin1");
      at = lineEnd(out, at);
      if (body !== undefined) at = append(out, at, body);
      at = lineEnd(out, at);
    }
    return out.subarray(0, append(out, at, this.closing));
  }
}

const IF_MATCH_BYTES = "If-Match: \r\n".length;

function append(out: Buffer, at: number, bytes: Uint8Array): number {
  out.set(bytes, at);
  return at + bytes.length;
}

function lineEnd(out: Buffer, at: number): number {
  out[at] = 0x0d;
  out[at + 1] = 0x0a;
  return at + 2;
}
