import { assert, OperationalError } from "../../engine/errors";
import type { Row, RowKey } from "../../engine/row";
import type { RowFormat } from "../../engine/rowFormat";
import type { BatchOutcome, Page, PageRequest, Store, StoreLimits, WriteOperation } from "../../engine/store";
import type { Usage } from "../../engine/usage";
import { authorizeWith } from "./authorize";
import { checkCredential, parseEndpoint, type TableCredential } from "./credential";
import { checkRequest, type Dialect, dialectOf } from "./dialect";
import { azureTablesFormat, cosmosTablesFormat } from "./format";
import { HTTP_DEFAULTS, HttpClient, type HttpOptions } from "./http";
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
export type { DialectName } from "./dialect";
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
  readonly limits: StoreLimits;
  readonly ordered: boolean;
  readonly findsChanges: boolean;
  readonly billing: "requests" | "throughput";
  readonly dialect: Dialect;
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
    this.dialect = dialectOf(endpoint.origin, credential.dialect);
    this.limits = this.dialect.limits;
    this.ordered = this.dialect.ordered;
    this.findsChanges = this.dialect.timestampFilters;
    this.billing = this.dialect.name === "cosmos" ? "throughput" : "requests";
    this.batches = new BatchBuilder(root, this.dialect.mergesByPost);
    this.identity = endpoint.identity;
    this.name = `account ${credential.account} (${root})`;
    this.asking = new Asking(http, credential.account, this.dialect);
    const granted = credential.kind === "tableSas" ? [...credential.tables.keys()] : undefined;
    this.tables = new Tables(this.asking, endpoint.identity, granted);
    this.writer = new Writer(http, credential.account, this.batches, this.dialect);
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
    const doing = `Reading table "${table}" of ${this.identity}`;
    checkRequest(this.dialect, request, doing);
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
        doing, writing: false,
        ...(started === undefined ? {} : { started }),
      },
      "r",
      [],
      true,
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
    if (code === "") return scanEntity(answer.body, { keysOnly: false });
    await this.tableOrThrow(table);
    return undefined;
  }

  async write(table: string, operations: readonly WriteOperation[]): Promise<BatchOutcome> {
    checkTable(table);
    const [first] = operations;
    const fits = operations.length <= this.limits.batchRowsMax;
    assert(first !== undefined && fits, `a batch of ${operations.length} operations, not 1 to 100`);
    const { partitionKey } = first.key;
    assert(operations.every(({ key }) => key.partitionKey === partitionKey), "a batch stays in one partition");
    const outcome = operations.length === 1
      ? await this.writer.single(table, first) : await this.writer.batch(table, operations);
    if (!outcome.committed && outcome.reason === "gone") await this.tableOrThrow(table);
    return outcome;
  }

  /**
   * Where the service calls a missing row and a missing table by one name, looks whether it was the table.
   * Throws `TableNotFound`.
   */
  private async tableOrThrow(table: string): Promise<void> {
    if (this.dialect.missingTableIsResource) await this.readPage(table, { rowsMax: 1, keysOnly: true });
  }

  wireBytes(operation: WriteOperation): number {
    return this.batches.partBytesMax(operation);
  }

  usage(): Usage {
    return this.asking.http.meter.usage;
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

/** How rows look inside, with the rules of the service that a destination is. */
export function formatOf(destination: Store): RowFormat {
  const isCosmos = destination instanceof AzureTables && destination.dialect.name === "cosmos";
  return isCosmos ? cosmosTablesFormat : azureTablesFormat;
}
