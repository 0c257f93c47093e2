import { z } from "zod";
import type { AccountManagement, KeyName } from "../access/accountManagement";
import { sameAccount } from "../access/accountRef";
import { fingerprint, readKey } from "../access/mint";
import type { AccessPorts } from "../access/ports";
import { OperationalError } from "../engine/errors";
import { lookAt } from "./ambient";
import { accountField, failuresIn, keyNameField, parseInputs } from "./fields";
import { isAccountGone } from "./gone";
import { withoutProvider, type Handler } from "./handler";
import { accessPorts } from "./ports";
import { holdsUnknown } from "./unknown";

const fields = { account: accountField, keyName: keyNameField };
const stateFields = { ...fields, fingerprint: z.string() };

/** Looks at a key after its regeneration, until it is another one. */
const LOOKS_MAX = 10;
const PAUSE_MS = 1_000;

/** A promise to change a key: it is only looked at until the resource is deleted, and regenerated then. */
export function keyRotationHandler(ports: AccessPorts): Handler {
  const now = () => new Date(ports.clock.now()).toISOString();

  return {
    async check(_olds, news) {
      const failures = failuresIn(fields, news);
      const keyName = keyNameField.safeParse(news["keyName"]);
      if (failures.length > 0 || !keyName.success) return { inputs: news, failures };
      // A key that somebody changed meanwhile killed the tokens it had signed: they must be made anew.
      const seen = await lookAt(news["account"], ports, (management) => fingerprintOf(management, keyName.data));
      return { inputs: seen === undefined ? news : { ...news, seen }, failures };
    },
    async diff(_id, olds, news) {
      if (holdsUnknown(news["account"]) || holdsUnknown(news["keyName"])) return { changes: true };
      const [before, wanted] = [z.object(fields).safeParse(olds), parseInputs(fields, news)];
      const sameKey = before.success && before.data.keyName === wanted.keyName
        && sameAccount(before.data.account, wanted.account);
      if (!sameKey) return { changes: true, replaces: ["account", "keyName"] };
      const recorded = olds["fingerprint"];
      return { changes: typeof recorded !== "string" || (news["seen"] ?? recorded) !== recorded };
    },
    async create(inputs) {
      const { account, keyName } = parseInputs(fields, inputs);
      const found = await fingerprintOf(ports.open(account), keyName);
      const outs = { ...withoutProvider(inputs), fingerprint: found, recordedOn: now() };
      return { id: `${account.account}/${keyName}`, outs };
    },
    async read(id, props) {
      const { account, keyName } = parseInputs(fields, props);
      try {
        const found = await fingerprintOf(ports.open(account), keyName);
        return { id, props: { ...withoutProvider(props), fingerprint: found } };
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        return { id: "", props: {} };
      }
    },
    async update(_id, _olds, news) {
      const { account, keyName } = parseInputs(fields, news);
      const found = await fingerprintOf(ports.open(account), keyName);
      return { outs: { ...withoutProvider(news), fingerprint: found, recordedOn: now() } };
    },
    async delete(_id, props) {
      const { account, keyName, fingerprint: recorded } = parseInputs(stateFields, props);
      try {
        await rotate(ports.open(account), keyName, recorded, ports);
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        ports.say(`${account.account} is gone, and its keys with it.`);
      }
    },
  };
}

async function fingerprintOf(management: AccountManagement, keyName: KeyName): Promise<string> {
  return fingerprint(management.account, keyName, await readKey(management, keyName));
}

async function rotate(
  management: AccountManagement,
  keyName: KeyName,
  recorded: string,
  ports: AccessPorts,
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

export const { check, diff, create, read, update, delete: remove } = keyRotationHandler(accessPorts);
export { remove as delete };
