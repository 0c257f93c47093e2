export type AccountKeys = readonly [key1: string, key2: string];

/** What answers for an account's tables: Azurite, or whatever plays Cosmos DB. */
export interface TableService {
  /** `http://127.0.0.1:PORT/<account>`, without trailing slash. */
  endpoint(account: string): string;
  /** Replaces both keys of an account: what the old ones signed is refused from then on; the data stays. */
  setKeys(account: string, keys: AccountKeys): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Who gets at the rows of a Cosmos DB account: its settings and its roles decide, at the moment of a request. */
export interface CosmosDataPlane {
  /** Whether the account's keys are taken (`disableLocalAuth`). */
  takesKeys(account: string): boolean;
  /** What whoever shows this token may do; undefined: it is nobody's, or has no role. */
  roleOf(account: string, token: string): "reader" | "contributor" | undefined;
}

/** A table service that plays Cosmos DB for Table. Its tables are there or not by the management API's word, too. */
export interface CosmosService extends TableService {
  listTables(account: string): readonly string[];
  /** Fine where it is there already. */
  createTable(account: string, table: string): void;
  /** Fine where it is gone already. */
  deleteTable(account: string, table: string): void;
}

export interface CosmosServiceOptions {
  readonly accounts: readonly { readonly name: string; readonly keys: AccountKeys }[];
  readonly dataPlane: CosmosDataPlane;
  /** Where to write, a line of JSON each, what is asked of it (see dataCalls.ts). */
  readonly callsFile: string;
}

/** Starts one: the emulators have none of their own, since the simulated service belongs to the tests. */
export type StartCosmos = (options: CosmosServiceOptions) => Promise<CosmosService>;
