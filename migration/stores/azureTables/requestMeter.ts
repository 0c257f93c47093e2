import { NO_REQUESTS, type RequestKind, type Usage } from "../../engine/usage";
import type { AnswerHeaders } from "./exchange";

interface Sent {
  readonly method: string;
  /** After the endpoint's base path: `/Cities()`. */
  readonly path: string;
  readonly body?: Uint8Array;
}

function kindOf({ method, path }: Sent): RequestKind {
  if (path === "/$batch") return "batch";
  if (path === "/Tables" || path.startsWith("/Tables(")) return "table";
  if (method === "GET") return path.endsWith("()") ? "query" : "read";
  return method === "DELETE" ? "delete" : "write";
}

/** `name: value` and the line's end. */
function headerBytes(headers: AnswerHeaders): number {
  let bytes = 0;
  for (const name in headers) bytes += name.length + 4 + (headers[name]?.length ?? 0);
  return bytes;
}

/** Counts what an account is asked and what it answers, by the request: what is in it is not looked at. */
export class RequestMeter {
  private readonly requests = { ...NO_REQUESTS };
  private bytesSent = 0;
  private bytesReceived = 0;
  private requestUnits: number | undefined;

  sent(request: Sent): void {
    this.requests[kindOf(request)] += 1;
    this.bytesSent += request.body?.length ?? 0;
  }

  /** An answer that came whole; of one that broke off nobody knows how much of it was sent. */
  answered(headers: AnswerHeaders, bodyBytes: number): void {
    this.bytesReceived += headerBytes(headers) + bodyBytes;
    const charge = headers["x-ms-request-charge"];
    if (typeof charge !== "string") return;
    const units = Number(charge);
    if (units >= 0) this.requestUnits = (this.requestUnits ?? 0) + units;
  }

  get usage(): Usage {
    const { requestUnits, bytesSent, bytesReceived } = this;
    const counted = { requests: { ...this.requests }, bytesSent, bytesReceived };
    return requestUnits === undefined ? counted : { ...counted, requestUnits };
  }
}
