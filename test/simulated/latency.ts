import type { SimulatedRequest } from "./http";
import { seededRandom } from "./random";

/** The same for every request, uniform between two bounds, or what a function makes of a request; milliseconds. */
export type Latency =
  | number
  | { readonly minMs: number; readonly maxMs: number }
  | ((request: SimulatedRequest, random: () => number) => number);

/** Draws latencies from a sequence of its own, so that other random choices stay what they were without. */
export function latencyOf(latency: Latency | undefined, seed: number): (request: SimulatedRequest) => number {
  if (latency === undefined) return () => 0;
  if (typeof latency === "number") return () => latency;
  const random = seededRandom(seed ^ 0x1a7e9c7);
  if (typeof latency === "function") return (request) => latency(request, random);
  return () => latency.minMs + random() * (latency.maxMs - latency.minMs);
}
