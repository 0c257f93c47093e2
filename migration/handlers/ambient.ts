import type { AccountManagement } from "../access/accountManagement";
import type { AccountRef } from "../access/accountRef";
import type { AccessPorts } from "../access/ports";
import { holdsUnknown } from "./unknown";

/** `check` runs in line, in previews too: a look at the world may take this long. */
const LOOK_MS_MAX = 10_000;

/**
 * A look at an account with whatever authority the deployer has, for `check` to add to its inputs. Undefined where
 * the account is not known yet, is not there, or may not be looked at: then `diff` goes by what it is given, and the
 * step itself says what is wrong.
 */
export async function lookAt<T>(
  account: unknown,
  ports: Pick<AccessPorts, "open">,
  look: (management: AccountManagement) => Promise<T>,
): Promise<T | undefined> {
  if (holdsUnknown(account)) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LOOK_MS_MAX);
  });
  const looked = Promise.resolve().then(() => look(ports.open(account as AccountRef))).catch(() => undefined);
  try {
    return await Promise.race([looked, late]);
  } finally {
    clearTimeout(timer);
  }
}
