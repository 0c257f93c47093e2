import { createHash } from "node:crypto";
import { sign } from "./signing";
import type { SimulatedTableService } from "./service";

/** An answer, taken apart for assertions. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The service's error code, if the answer is an error in JSON. */
  readonly code: string | undefined;
}

export interface RawOptions {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Query without `?`. */
  readonly query?: string;
  /** Instead of the account's key. */
  readonly sas?: string;
  readonly remoteAddress?: string;
  readonly secure?: boolean;
}

/** Sends requests by hand, so that tests can say what no library would. Addresses are host style. */
export class RawClient {
  constructor(
    private readonly service: SimulatedTableService,
    private readonly account: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** `path` is what follows the host: `/Cities(PartitionKey='a',RowKey='b')`. */
  async send(method: string, path: string, options: RawOptions = {}): Promise<RawAnswer> {
    const query = [options.query, options.sas].filter((part) => part !== undefined && part !== "").join("&");
    const answer = await this.service.handle({
      method,
      target: `${path}${query === "" ? "" : `?${query}`}`,
      headers: {
        ...this.signed(path, { query, signs: options.sas === undefined }),
        ...options.headers,
      },
      body: typeof options.body === "string" ? Buffer.from(options.body, "utf8") : (options.body ?? new Uint8Array()),
      ...(options.remoteAddress !== undefined && { remoteAddress: options.remoteAddress }),
      ...(options.secure !== undefined && { secure: options.secure }),
    });
    const text = Buffer.from(answer.body).toString("utf8");
    const code = /"odata\.error":\{"code":"([A-Za-z]+)"/.exec(text)?.[1];
    return { status: answer.status, headers: answer.headers, text, code };
  }

  /** The headers of a request, with the account key's signature unless something else opens the account. */
  signed(
    path: string,
    { query = "", signs = true }: { readonly query?: string; readonly signs?: boolean } = {},
  ): Readonly<Record<string, string>> {
    const date = new Date(this.now()).toUTCString();
    const comp = /(?:^|&)comp=([a-z]+)/.exec(query)?.[1];
    const resource = `/${this.account}${path}${comp === undefined ? "" : `?comp=${comp}`}`;
    const [key] = this.service.account(this.account).keys;
    const signature = sign(`${date}\n${resource}`, key);
    return {
      host: `${this.account}.table.core.windows.net`,
      accept: "application/json;odata=minimalmetadata",
      "content-type": "application/json",
      "x-ms-version": "2019-02-02",
      "x-ms-date": date,
      ...(signs && { authorization: `SharedKeyLite ${this.account}:${signature}` }),
    };
  }

  /** PUT of a row (insert or replace) from the JSON text of its properties, without braces. */
  put(table: string, partitionKey: string, rowKey: string, members: string): Promise<RawAnswer> {
    return this.send("PUT", rowPath(table, partitionKey, rowKey), { body: `{${members}}` });
  }

  get(table: string, partitionKey: string, rowKey: string, options: RawOptions = {}): Promise<RawAnswer> {
    return this.send("GET", rowPath(table, partitionKey, rowKey), options);
  }
}

export function rowPath(table: string, partitionKey: string, rowKey: string): string {
  const key = (text: string) => encodeURIComponent(text.replaceAll("'", "''"));
  return `/${table}(PartitionKey='${key(partitionKey)}',RowKey='${key(rowKey)}')`;
}

/** A batch body with CRLF framing; each part is a request line's method and path, headers and a body. */
export function batchBody(
  parts: readonly { readonly method: string; readonly path: string; readonly body?: string; readonly etag?: string }[],
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const mark = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
  const changes = parts.map(({ method, path, body, etag }) =>
    [
      `--changeset_${mark}`, "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
      `${method} https://contoso.table.core.windows.net${path} HTTP/1.1`,
      "Accept: application/json;odata=minimalmetadata",
      ...(body === undefined ? [] : ["Content-Type: application/json"]),
      ...(etag === undefined ? [] : [`If-Match: ${etag}`]),
      "", body ?? "",
    ].join("\r\n"),
  );
  const body = [
    `--batch_${mark}`, `Content-Type: multipart/mixed; boundary=changeset_${mark}`, "",
    ...changes, `--changeset_${mark}--`, `--batch_${mark}--`, "",
  ].join("\r\n");
  return { body, headers: { "content-type": `multipart/mixed; boundary=batch_${mark}` } };
}
