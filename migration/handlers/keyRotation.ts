import { z } from "zod";
import { sameAccount } from "../access/accountRef";
import type { AccessPorts } from "../access/ports";
import { fingerprintOf, rotateKey } from "../access/rotateKey";
import { lookAt } from "./ambient";
import { accountField, failuresIn, keyNameField, parseInputs } from "./fields";
import { isAccountGone, readWhileThere } from "./gone";
import { withoutProvider, type Handler } from "./handler";
import { accessPorts } from "./ports";
import { holdsUnknown } from "./unknown";

const fields = { account: accountField, keyName: keyNameField };
const stateFields = { ...fields, fingerprint: z.string() };

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
      const { account, keyName, after } = news;
      if ([account, keyName, after].some(holdsUnknown)) return { changes: true };
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
    read: (id, props) => readWhileThere(id, async () => {
      const { account, keyName } = parseInputs(fields, props);
      const found = await fingerprintOf(ports.open(account), keyName);
      return { ...withoutProvider(props), fingerprint: found };
    }),
    async update(_id, _olds, news) {
      const { account, keyName } = parseInputs(fields, news);
      const found = await fingerprintOf(ports.open(account), keyName);
      return { outs: { ...withoutProvider(news), fingerprint: found, recordedOn: now() } };
    },
    async delete(_id, props) {
      const { account, keyName, fingerprint: recorded } = parseInputs(stateFields, props);
      try {
        await rotateKey(ports.open(account), keyName, recorded, ports);
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        ports.say(`${account.account} is gone, and its keys with it.`);
      }
    },
  };
}

export const { check, diff, create, read, update, delete: remove } = keyRotationHandler(accessPorts);
export { remove as delete };
