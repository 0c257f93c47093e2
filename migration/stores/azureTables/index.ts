import { assert, OperationalError } from "../../engine/errors";
import type { Row, RowKey } from "../../engine/row";
import type { BatchOutcome, Page, PageRequest, Store, WriteOperation } from "../../engine/store";
import { authorizeWith } from "./authorize";
import { checkCredential, parseEndpoint, type TableCredential } from "./credential";
import { HTTP_DEFAULTS, HttpClient, type HttpOptions } from "./http";
import { STORAGE_LIMITS } from "./limits";
import { nextPage, pageQuery, partIndex, rangeParts } from "./paging";
import { Asking, Tables } from "./tables";
import { BatchBuilder } from "./wire/batch";
import { malformed } from "./wire/json";
import { keySegment } from "./wire/keys";
import { scanEntity, scanPage } from "./wire/scan";
import type { HeaderReader } from "./wire/retryAfter";
import { Writer } from "./writing";

export type { TableCredential } from "./credential";
export { DIGEST_VERSION } from "./digest";
export { azureTablesFormat } from "./format";
export type { HttpOptions } from "./http";

/** A table's name goes into paths as it is; anything else there would reach another resource. */
function checkTable(table: string): void {
  if (/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(table)) return;
  throw new OperationalError({
    code: "TableNameInvalid",
    message: `${JSON.stringify(table)} is not a table name: 3 to 63 letters and digits, a letter first.`,
  });
}

class AzureTables implements Store {
  readonly limits = STORAGE_LIMITS;
  readonly ordered = true;
  readonly name: string;
  readonly identity: string;
  private readonly batches: BatchBuilder;
  private readonly asking: Asking;
  private readonly tables: Tables;
  private readonly writer: Writer;

  constructor(credential: TableCredential, options: HttpOptions) {
    checkCredential(credential);
    const endpoint = parseEndpoint(credential.endpoint);
    const http = new HttpClient(endpoint, authorizeWith(credential), options);
    const root = `${endpoint.origin}${endpoint.basePath}`;
    this.batches = new BatchBuilder(root);
    this.identity = endpoint.identity;
    this.name = `account ${credential.account} (${root})`;
    this.asking = new Asking(http, credential.account);
    const granted = credential.kind === "tableSas" ? [...credential.tables.keys()] : undefined;
    this.tables = new Tables(this.asking, endpoint.identity, granted);
    this.writer = new Writer(http, credential.account, this.batches);
  }

  listTables(): Promise<readonly string[]> {
    return this.tables.list();
  }

  async tableExists(table: string): Promise<boolean> {
    checkTable(table);
    return this.tables.exists(table);
  }

  async createTable(table: string): Promise<"created" | "existed"> {
    checkTable(table);
    return this.tables.create(table);
  }

  async deleteTable(table: string): Promise<void> {
    checkTable(table);
    return this.tables.delete(table);
  }

  async readPage(table: string, request: PageRequest): Promise<Page> {
    checkTable(table);
    const parts = rangeParts(request.range);
    const part = partIndex(request, parts);
    const next = (header: HeaderReader) => nextPage(
      part, parts.length,
      header("x-ms-continuation-nextpartitionkey"), header("x-ms-continuation-nextrowkey"),
    );
    const { onNext } = request;
    const started = onNext && ((header: HeaderReader) => {
      const following = next(header);
      if (following !== undefined) onNext(following);
    });
    const { answer } = await this.asking.ask(
      {
        method: "GET", path: `/${table}()`, query: pageQuery(request, parts[part] ?? ""), table,
        doing: `Reading table "${table}" of ${this.identity}`, writing: false,
        ...(started === undefined ? {} : { started }),
      },
      "r",
    );
    if (Number.isNaN(answer.serverTimeMs)) throw malformed("no Date header", 0);
    const rows = scanPage(answer.body, { keysOnly: request.keysOnly === true });
    const following = next(answer.header);
    return { rows, serverTimeMs: answer.serverTimeMs, ...(following === undefined ? {} : { next: following }) };
  }

  async readRow(table: string, key: RowKey): Promise<Row | undefined> {
    checkTable(table);
    const { answer, code } = await this.asking.ask(
      {
        method: "GET", path: `/${table}${keySegment(key)}`, query: "", table,
        doing: `Reading a row of table "${table}" of ${this.identity}`, writing: false,
      },
      "r",
      ["ResourceNotFound", "EntityNotFound"],
    );
    return code === "" ? scanEntity(answer.body, { keysOnly: false }) : undefined;
  }

  async write(table: string, operations: readonly WriteOperation[]): Promise<BatchOutcome> {
    checkTable(table);
    const [first] = operations;
    const fits = operations.length <= STORAGE_LIMITS.batchRowsMax;
    assert(first !== undefined && fits, `a batch of ${operations.length} operations, not 1 to 100`);
    const { partitionKey } = first.key;
    assert(operations.every(({ key }) => key.partitionKey === partitionKey), "a batch stays in one partition");
    return operations.length === 1 ? this.writer.single(table, first) : this.writer.batch(table, operations);
  }

  wireBytes(operation: WriteOperation): number {
    return this.batches.partBytesMax(operation);
  }

  close(): Promise<void> {
    return this.asking.http.close();
  }
}

/**
 * Opens an account's tables over the Table REST protocol. Makes no request yet.
 * Throws `EndpointInvalid`, `InsecureEndpoint` (plain HTTP to another machine), `AccountKeyInvalid` or `SasInvalid`.
 */
export function openAzureTables(credential: TableCredential, options: Partial<HttpOptions> = {}): Store {
  return new AzureTables(credential, { ...HTTP_DEFAULTS, ...options });
}
