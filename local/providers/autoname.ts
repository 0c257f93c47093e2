import { randomBytes } from "node:crypto";

/** azure-native appends eight random hexadecimal characters. */
export function withSuffix(name: string): string {
  return `${name}${randomBytes(4).toString("hex")}`;
}

/** For names of lower-case letters and digits alone, 24 at most. */
export function plainWithSuffix(name: string): string {
  return withSuffix(name.toLowerCase().replaceAll(/[^a-z0-9]/g, "").slice(0, 16));
}
