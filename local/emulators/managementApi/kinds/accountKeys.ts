import { z } from "zod";
import { ArmError, notFound } from "../armError";
import type { AccountKeys } from "../../tableService";
import { parseBody, type ArmAnswer, type ArmCall, type ArmHandler } from "../kind";
import type { StoredKeys } from "../state";
import { newKey, requireAccount } from "./storageAccount";

function answer({ keys, createdOn }: StoredKeys): ArmAnswer {
  const show = (index: 0 | 1): Record<string, string> => ({
    creationTime: createdOn[index],
    keyName: `key${index + 1}`,
    value: keys[index],
    permissions: "FULL",
  });
  return { status: 200, body: { keys: [show(0), show(1)] } };
}

function storedKeys(call: ArmCall): StoredKeys {
  const account = requireAccount(call);
  const stored = call.state.keysOf(account.name);
  if (stored === undefined) throw notFound(call.target.id);
  return stored;
}

export const listKeys: ArmHandler = (call) => answer(storedKeys(call));

const regenerateSchema = z.strictObject({ keyName: z.string() });

/** Really changes the key that the emulated account takes: what the old one signed is refused from here on. */
export const regenerateKey: ArmHandler = async (call) => {
  const { keyName } = parseBody(regenerateSchema, call.body);
  if (keyName !== "key1" && keyName !== "key2") {
    const message = `Values for request parameters are invalid: keyName '${keyName}' is neither key1 nor key2.`;
    throw new ArmError(400, "InvalidValuesForRequestParameters", message);
  }
  const account = requireAccount(call);
  const { keys: [key1, key2], createdOn: [created1, created2] } = storedKeys(call);
  const fresh = newKey();
  const now = new Date().toISOString();
  const first = keyName === "key1";
  const keys: AccountKeys = first ? [fresh, key2] : [key1, fresh];
  const stored: StoredKeys = { keys, createdOn: first ? [now, created2] : [created1, now] };
  await account.setKeys(keys);
  call.state.putKeys(account.name, stored);
  return answer(stored);
};
