import { REQUEST_KINDS, type RequestKind } from "../engine/usage";
import { type Side, SIDES } from "./side";

/**
 * What can have a price, side by side, since accounts differ in region, redundancy and agreement. `operations` stands
 * for every kind of request that has no price of its own; `egress` is what leaves the account.
 */
export type Meter =
  | `${Side}.${RequestKind | "operations" | "egress"}`
  | "destination.throughput"
  | "destination.storage";

export const METERS: readonly Meter[] = [
  ...SIDES.flatMap((side) => [...REQUEST_KINDS, "operations", "egress"].map((what) => `${side}.${what}` as Meter)),
  "destination.throughput",
  "destination.storage",
];

export function isMeter(text: string): text is Meter {
  return (METERS as readonly string[]).includes(text);
}

export interface Price {
  readonly meter: Meter;
  readonly amount: number;
  /** As it was written. */
  readonly unit: string;
  /** How many the amount buys: operations, GB, RU/s during an hour, GB during a month. */
  readonly unitFactor: number;
  readonly currency: string;
  readonly date: string;
  readonly source: string;
  readonly region?: string;
}

export interface Prices {
  readonly currency: string;
  /** The file. */
  readonly origin: string;
  readonly byMeter: ReadonlyMap<Meter, Price>;
}

const OPERATION_UNITS: Readonly<Record<string, number>> = {
  "operation": 1,
  "10,000 operations": 10_000,
  "100,000 operations": 100_000,
  "1,000,000 operations": 1_000_000,
};
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  egress: { GB: 1 },
  throughput: { "100 RU/s hour": 100 },
  storage: { "GB month": 1 },
};

/** The factor of a unit, or the units that there are for this meter. */
export function unitFactor(meter: Meter, unit: string): number | readonly string[] {
  const units = UNITS[meter.split(".")[1] ?? ""] ?? OPERATION_UNITS;
  return Object.hasOwn(units, unit) ? units[unit] ?? [] : Object.keys(units);
}
