import { OperationalError } from "../engine/errors";
import type { Properties } from "./handler";

/** Whether the account itself is gone: nothing is left to read, and nothing to take back. */
export function isAccountGone(error: unknown): boolean {
  return error instanceof OperationalError && error.code === "AccountNotFound";
}

/** What a refresh finds of a resource on an account: nothing, where the account itself is gone. */
export async function readWhileThere(
  id: string,
  read: () => Promise<Properties>,
): Promise<{ readonly id: string; readonly props: Properties }> {
  try {
    return { id, props: await read() };
  } catch (error) {
    if (!isAccountGone(error)) throw error;
    return { id: "", props: {} };
  }
}
