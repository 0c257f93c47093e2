import { makeSecret, toValue, type Value } from "../engine/value";
import { callArm, type Json } from "./armClient";
import { storageAccount } from "./kinds/storageAccount";

/** Whoever deploys, as far as the emulators are concerned: made up, but of the right shape. */
const DEPLOYER = {
  clientId: "eeeeeeee-0000-4000-8000-000000000001",
  objectId: "eeeeeeee-0000-4000-8000-000000000002",
};

export interface ProviderConfiguration {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly location: string | undefined;
}

export type ProviderFunction = (args: Json, configuration: ProviderConfiguration) => Promise<Json>;

function accountId(args: Json, { subscriptionId }: ProviderConfiguration): string {
  for (const key of ["accountName", "resourceGroupName"]) {
    if (typeof args[key] !== "string") throw new Error(`The argument ${key} is missing.`);
  }
  return storageAccount.id(args, subscriptionId);
}

/** A key is a secret, whatever the program makes of it. */
async function listStorageAccountKeys(args: Json, configuration: ProviderConfiguration): Promise<Json> {
  const { keys } = await callArm("POST", `${accountId(args, configuration)}/listKeys`, storageAccount.apiVersion);
  const secret: Value = makeSecret(toValue(keys, "keys"));
  return { keys: secret };
}

async function getStorageAccount(args: Json, configuration: ProviderConfiguration): Promise<Json> {
  const body = await callArm("GET", accountId(args, configuration), storageAccount.apiVersion);
  const { id, name, type, location } = body;
  return { id, name, type, location, ...storageAccount.fromArm(body) };
}

function getClientConfig(_: Json, { subscriptionId, tenantId }: ProviderConfiguration): Promise<Json> {
  return Promise.resolve({ ...DEPLOYER, subscriptionId, tenantId });
}

export const FUNCTIONS: ReadonlyMap<string, ProviderFunction> = new Map<string, ProviderFunction>([
  ["azure-native:storage:listStorageAccountKeys", listStorageAccountKeys],
  ["azure-native:storage:getStorageAccount", getStorageAccount],
  ["azure-native:authorization:getClientConfig", getClientConfig],
]);
