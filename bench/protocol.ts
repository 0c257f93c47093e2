import type { BudgetSecond, RowBudget } from "../test/simulated";
import type { Changing, Shape } from "./rows";

/** What the bench's server says once it listens: a line of JSON on stdout, or a message to the process above it. */
export interface ServerReady {
  readonly ready: true;
  readonly port: number;
  /** SAS URLs with every right, the credential that all clients use. */
  readonly source: string;
  readonly destination: string;
  /** Their endpoints without the SAS, `http://127.0.0.1:PORT/source`. */
  readonly sourceEndpoint: string;
  readonly destinationEndpoint: string;
  /** The SAS alone, without `?`. */
  readonly sourceSas: string;
  readonly destinationSas: string;
}

export type Side = "source" | "destination";

/** Rows that the server makes up itself, so that nothing has to be uploaded. */
export interface Seeding {
  readonly side: Side;
  readonly table: string;
  readonly shape: Shape;
  readonly rows: number;
}

/** What the bench asks of its server. */
export type Ask =
  | ({ readonly do: "seed" } & Seeding)
  /** Changes some rows of a table that was seeded. */
  | ({ readonly do: "change"; readonly changing: Changing } & Seeding)
  /** Drops every table of a side. */
  | { readonly do: "reset"; readonly side: Side }
  /** Every answer from now on takes at least this long. */
  | { readonly do: "latency"; readonly ms: number }
  /** The service's clock goes on by so much at once. */
  | { readonly do: "later"; readonly ms: number }
  /** Throughput that is admitted from now on; absent: no limit. */
  | { readonly do: "budget"; readonly budget?: RowBudget }
  /** CPU of the server since it started, in microseconds, and what the budget admitted. */
  | { readonly do: "usage" }
  /** Compares the first `rows` of a table on both sides. */
  | { readonly do: "compare"; readonly table: string; readonly rows: number };

export interface Usage {
  readonly cpuUs: number;
  /** Of the destination's budget. */
  readonly seconds: readonly BudgetSecond[];
}

/** How a contender's rows arrived. */
export interface Comparison {
  /** Rows of the destination. */
  readonly arrived: number;
  /** Of the source's first `rows`, how many are not there. */
  readonly missing: number;
  /** How many are there with other properties, types or values. */
  readonly altered: number;
}

export interface Answer {
  readonly usage?: Usage;
  readonly comparison?: Comparison;
  readonly error?: string;
}
