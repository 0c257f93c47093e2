import { OperationalError } from "../engine/errors";
import type { AccountManagement, KeyName } from "./accountManagement";
import { fingerprint, readKey } from "./mint";
import type { AccessPorts } from "./ports";

/** Looks at a key after its regeneration, until it is another one. */
const LOOKS_MAX = 10;
const PAUSE_MS = 1_000;

/** Tells which key it is, by a hash that is not the key. */
export async function fingerprintOf(management: AccountManagement, keyName: KeyName): Promise<string> {
  return fingerprint(management.account, keyName, await readKey(management, keyName));
}

/** Regenerates a key if it is still the one that was `recorded`, and sees to it that it is another. `KeyNotRotated`. */
export async function rotateKey(
  management: AccountManagement,
  keyName: KeyName,
  recorded: string,
  ports: Pick<AccessPorts, "clock" | "say">,
): Promise<void> {
  if ((await fingerprintOf(management, keyName)) !== recorded) {
    ports.say(`${keyName} of ${management.name} has been rotated already: it is no longer the key that signed.`);
    return;
  }
  await management.regenerateKey(keyName);
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    if ((await fingerprintOf(management, keyName)) !== recorded) {
      ports.say(`Rotated ${keyName} of ${management.name}: whatever it signed is refused from now on.`);
      return;
    }
    await ports.clock.sleep(PAUSE_MS);
  }
  throw new OperationalError({
    code: "KeyNotRotated",
    message: `${keyName} of ${management.name} is still the same key after it was regenerated. Try again; if it stays `
      + "so, regenerate it by hand: what it signed is valid until then.",
    retryable: true,
  });
}
