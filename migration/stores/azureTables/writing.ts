import { OperationalError } from "../../engine/errors";
import type { BatchOutcome, WriteOperation } from "../../engine/store";
import type { Dialect } from "./dialect";
import type { HttpAnswer, HttpClient } from "./http";
import { operationRequest, type BatchBuilder, type OperationRequest } from "./wire/batch";
import { parseBatchAnswer, type SubAnswer } from "./wire/batchAnswer";
import { plainVersions } from "./wire/plainBatchAnswer";
import { parseRefusal, refusalError, type ServiceRefusal } from "./wire/errors";
import { grantOf, type RefusalContext } from "./wire/remedies";
import type { HeaderReader } from "./wire/retryAfter";

type Reason = (BatchOutcome & { readonly committed: false })["reason"];

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Refusals of a request that have nothing to do with the rows in it, though their status says 400. */
const NOT_THE_ROW = /^(Authentication|Authorization|InvalidAuthenticationInfo|InvalidHeaderValue|Unsupported|Account)/;

/** Why the rows were refused; undefined where the refusal is not about them. */
function reasonOf(status: number, code: string): Reason | undefined {
  if (status === 409 && (code === "EntityAlreadyExists" || code === "ResourceAlreadyExists")) return "exists";
  if (status === 412) return "changed";
  if (status === 404 && (code === "ResourceNotFound" || code === "EntityNotFound")) return "gone";
  return (status === 400 || status === 413) && !NOT_THE_ROW.test(code) ? "invalid" : undefined;
}

/** The service names the operation it refused by its number before the message: `3:The specified entity ...`. */
function indexOf(refusal: ServiceRefusal, count: number): { index: number | undefined; refusal: ServiceRefusal } {
  const match = /^(\d+):/.exec(refusal.message);
  if (match === null) return { index: undefined, refusal };
  const index = Number(match[1]);
  const rest = { code: refusal.code, message: refusal.message.slice(match[0].length).trim() };
  return { index: index < count ? index : undefined, refusal: rest };
}

/** Writes to the tables of one account. */
export class Writer {
  constructor(
    private readonly http: HttpClient,
    private readonly account: string,
    private readonly batches: BatchBuilder,
    private readonly dialect: Dialect,
  ) {}

  private context(doing: string, rights: string, answer: HttpAnswer): RefusalContext {
    const { serverTimeMs, sas } = answer;
    return { doing, account: this.account, rights, writing: true, grant: grantOf(sas), serverTimeMs };
  }

  /** The outcome of a refusal, or its error thrown where it is not about the rows. */
  private refused(
    status: number, refusal: ServiceRefusal, header: HeaderReader, context: RefusalContext, count: number,
  ): BatchOutcome {
    const found = indexOf(refusal, count);
    const error = refusalError(status, found.refusal, header, context);
    const reason = reasonOf(status, found.refusal.code);
    if (reason === undefined) throw error;
    return { committed: false, failedIndex: count === 1 ? 0 : found.index, reason, error };
  }

  async single(table: string, operation: WriteOperation): Promise<BatchOutcome> {
    const request = operationRequest(table, operation, this.dialect.mergesByPost);
    const doing = this.doing(table, 1);
    const answer = await this.http.send({
      method: request.method, path: request.path, query: "", table, doing, writing: true,
      headers: [
        "prefer", "return-no-content",
        ...(request.body === undefined ? [] : ["content-type", "application/json"]),
        ...(request.ifMatch === undefined ? [] : ["if-match", request.ifMatch]),
        ...(request.override === undefined ? [] : ["x-http-method", request.override]),
      ],
      ...(request.body === undefined ? {} : { body: asBuffer(request.body) }),
    });
    if (!isSuccess(answer.status)) {
      const refusal = parseRefusal(answer.body.toString("utf8"), answer.header("x-ms-error-code"));
      return this.refused(answer.status, refusal, answer.header, this.context(doing, request.rights, answer), 1);
    }
    const version = answer.header("etag");
    if (operation.kind !== "delete" && version === undefined) throw unclear(doing, "without an ETag");
    return { committed: true, versions: [operation.kind === "delete" ? "" : (version ?? "")] };
  }

  async batch(table: string, operations: readonly WriteOperation[]): Promise<BatchOutcome> {
    const { mergesByPost } = this.dialect;
    const requests = operations.map((operation) => operationRequest(table, operation, mergesByPost));
    const doing = this.doing(table, operations.length);
    const answer = await this.http.send({
      method: "POST", path: "/$batch", query: "", table, doing, writing: true,
      headers: ["content-type", this.batches.contentType], body: this.batches.build(requests),
    });
    const contentType = answer.header("content-type");
    const versions = isSuccess(answer.status) ? plainVersions(contentType, answer.body, operations) : undefined;
    if (versions !== undefined) return { committed: true, versions };
    const context = this.context(doing, rightsOf(requests), answer);
    if (!isSuccess(answer.status)) {
      const refusal = parseRefusal(answer.body.toString("utf8"), answer.header("x-ms-error-code"));
      return this.refused(answer.status, refusal, answer.header, context, operations.length);
    }
    const answers = parseBatchAnswer(contentType, answer.body.toString("utf8"));
    if (answers === undefined) throw unclear(doing, "cut off, or not in parts");
    return this.fromParts(operations, answers, answer, context);
  }

  private fromParts(
    operations: readonly WriteOperation[], answers: readonly SubAnswer[], answer: HttpAnswer, context: RefusalContext,
  ): BatchOutcome {
    // 424 only says that another operation of the batch failed: look for that one first.
    const failures = answers.filter(({ status }) => !isSuccess(status));
    const failed = failures.find(({ status }) => status !== 424) ?? failures[0];
    if (failed !== undefined) {
      const refusal = parseRefusal(failed.body, failed.headers.get("x-ms-error-code"));
      // Waiting times stand on the part or on the whole; the clock on the whole only.
      const header: HeaderReader = (name) => failed.headers.get(name) ?? answer.header(name);
      return this.refused(failed.status, refusal, header, context, operations.length);
    }
    if (answers.length !== operations.length) {
      throw unclear(context.doing, `with ${answers.length} results for ${operations.length} operations`);
    }
    const versions = operations.map(({ kind }, i) => {
      const version = answers[i]?.headers.get("etag");
      if (kind !== "delete" && version === undefined) throw unclear(context.doing, "with a part that has no ETag");
      return kind === "delete" ? "" : (version ?? "");
    });
    return { committed: true, versions };
  }

  private doing(table: string, rows: number): string {
    return `Writing ${rows === 1 ? "a row" : `${rows} rows`} to table "${table}" of ${this.http.endpoint.identity}`;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function rightsOf(requests: readonly OperationRequest[]): string {
  return [..."aud"].filter((right) => requests.some(({ rights }) => rights.includes(right))).join("");
}

/** An answer that does not say what became of the rows: never success, to be resolved by reading. */
function unclear(doing: string, how: string): OperationalError {
  return new OperationalError({
    code: "MalformedResponse",
    message: `${doing}: the answer came ${how}, so it does not say whether the rows were written. They are read again.`,
    retryable: true,
    ambiguous: true,
  });
}
