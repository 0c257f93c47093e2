import { OperationalError } from "../../engine/errors";
import type { Side } from "../side";

/** What the reader of a credential needs besides its text. */
export interface Reading {
  readonly side: Side;
  /** What to call it in an error: a variable, a file, a bundle. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * A credential that cannot work. The message names the origin, says what is wrong and what to do; it never repeats any
 * part of the text that could be a secret, and carries no cause, since parsers quote what they stumble over.
 */
export function refuseCredential(reading: Reading, code: string, problem: string): never {
  throw new OperationalError({ code, message: `${reading.origin}: ${problem}` });
}

/** A name may be shown where it can be nothing but a name: an account or a table as the service allows them. */
export function shownName(name: string): string {
  return /^[A-Za-z][A-Za-z0-9-]{2,62}$/.test(name) ? name : "(not shown)";
}
