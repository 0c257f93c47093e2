import { createHash } from "node:crypto";

/**
 * A GUID (version 5 in shape) that is always the same for the same parts: Azure names some resources by a GUID, and a
 * random one would be another resource with every run.
 */
export function stableGuid(...parts: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
