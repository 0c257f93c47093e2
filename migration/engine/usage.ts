/**
 * What services count apart and price apart. query: a page of rows, or a look for a table. read: one row by its key.
 * write: one row. batch: a transaction of several, which counts once. delete: one row. table: to list, create or delete
 * tables.
 */
export const REQUEST_KINDS = ["query", "read", "write", "batch", "delete", "table"] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What was asked of one account, every attempt counted: services bill those that they refused, too. */
export interface Usage {
  readonly requests: Readonly<Record<RequestKind, number>>;
  /** Bodies of requests. */
  readonly bytesSent: number;
  /** Answers, with their headers: what leaves the account. */
  readonly bytesReceived: number;
  /** What the service said that it charged; absent where it sells no throughput. */
  readonly requestUnits?: number;
}

export const NO_REQUESTS: Usage["requests"] = { query: 0, read: 0, write: 0, batch: 0, delete: 0, table: 0 };

export const NO_USAGE: Usage = { requests: NO_REQUESTS, bytesSent: 0, bytesReceived: 0 };
