import { OperationalError } from "../engine/errors";

/** Whether the account itself is gone: nothing is left to read, and nothing to take back. */
export function isAccountGone(error: unknown): boolean {
  return error instanceof OperationalError && error.code === "AccountNotFound";
}
