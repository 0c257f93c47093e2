import { z } from "zod";

import { REQUEST_KINDS, type RequestKind } from "../engine/usage";

const amount = z.number().nonnegative();

/** Equal ends: counted. No high one: nobody can say how much more. */
const span = z.strictObject({ low: amount, high: amount.optional() });

/** The kinds of requests, each with something. */
function kinds<T extends z.ZodType>(value: T) {
  const shape = Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, value]));
  return z.strictObject(shape as Record<RequestKind, T>);
}

const side = z.strictObject({
  billing: z.enum(["requests", "throughput"]).optional(),
  requests: kinds(span),
  bytesReceived: span,
  requestUnits: span.optional(),
});

/** Divided by, or multiplied with: zero of any would make a time or a cost out of nothing. */
const rate = z.number().positive();

export const movePlanField = z.strictObject({
  copyThroughput: rate.optional(),
  steadyThroughput: rate.optional(),
  regions: z.int().min(1).optional(),
  rowsPerSecond: rate.optional(),
});

/** What the move was expected to take. */
export const estimateField = z.strictObject({
  tables: z.array(z.strictObject({
    table: z.string(), entities: span, bytes: span, exact: z.boolean(), rowsRead: amount,
    writes: z.strictObject({ rows: span, basis: z.enum(["counted", "assumed"]) }).optional(),
  })),
  source: side,
  destination: side,
  storedBytes: span,
  seconds: span,
  secondsBasis: z.enum(["rate", "throughput", "sample"]),
  plan: movePlanField,
});

const usage = z.strictObject({
  requests: kinds(z.int().nonnegative()),
  bytesSent: amount,
  bytesReceived: amount,
  /** What the service said it charged; absent where it sells no throughput. */
  requestUnits: amount.optional(),
});

const cost = z.strictObject({
  currency: z.string(),
  lines: z.array(z.strictObject({
    meter: z.string(),
    quantity: span,
    amount: span,
    price: z.strictObject({
      amount,
      unit: z.string(),
      currency: z.string(),
      date: z.string(),
      source: z.string(),
      region: z.string().optional(),
    }),
  })).readonly(),
  total: span,
});

export type ReckonedCost = z.infer<typeof cost>;

/** Parts of a report: what the run was expected to take, what it took, and what that costs. */
export const reckonedFields = {
  estimate: estimateField.optional(),
  /** Of the whole run, its preflight included, every attempt counted. */
  used: z.strictObject({ source: usage, destination: usage, seconds: amount }).optional(),
  cost: z.strictObject({
    move: cost,
    month: cost,
    used: cost.optional(),
    /** Why what was used has no cost here. */
    usedUnknown: z.string().optional(),
  }).optional(),
};
