import type { Pair } from "./merge";
import { bytesOf } from "./rowBytes";

export function bytesOfPairs(pairs: readonly Pair[]): number {
  let bytes = 0;
  for (const { source, destination } of pairs) bytes += bytesOf(source) + bytesOf(destination);
  return bytes;
}
