import { makeSecret, toValue, type Value } from "../engine/value";
import { DEPLOYER } from "../emulators/deployer";
import { callArm, type Json } from "./armClient";
import type { ResourceKind } from "./kind";
import { cosmosAccount } from "./kinds/cosmosAccount";
import { storageAccount } from "./kinds/storageAccount";

export interface ProviderConfiguration {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly location: string | undefined;
}

export type ProviderFunction = (args: Json, configuration: ProviderConfiguration) => Promise<Json>;

function accountId(args: Json, { subscriptionId }: ProviderConfiguration, kind: ResourceKind): string {
  for (const key of ["accountName", "resourceGroupName"]) {
    if (typeof args[key] !== "string") throw new Error(`The argument ${key} is missing.`);
  }
  return kind.id(args, subscriptionId);
}

/** A key is a secret, whatever the program makes of it. */
async function listStorageAccountKeys(args: Json, configuration: ProviderConfiguration): Promise<Json> {
  const id = accountId(args, configuration, storageAccount);
  const { keys } = await callArm("POST", `${id}/listKeys`, storageAccount.apiVersion);
  const secret: Value = makeSecret(toValue(keys, "keys"));
  return { keys: secret };
}

async function listCosmosKeys(args: Json, configuration: ProviderConfiguration): Promise<Json> {
  const id = accountId(args, configuration, cosmosAccount);
  const keys = await callArm("POST", `${id}/listKeys`, cosmosAccount.apiVersion);
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, makeSecret(toValue(key, name))]));
}

function getAccount(kind: ResourceKind): ProviderFunction {
  return async (args, configuration) => {
    const body = await callArm("GET", accountId(args, configuration, kind), kind.apiVersion);
    const { id, name, type, location } = body;
    return { id, name, type, location, ...kind.fromArm(body) };
  };
}

function getClientConfig(_: Json, { subscriptionId, tenantId }: ProviderConfiguration): Promise<Json> {
  return Promise.resolve({ ...DEPLOYER, subscriptionId, tenantId });
}

export const FUNCTIONS: ReadonlyMap<string, ProviderFunction> = new Map<string, ProviderFunction>([
  ["azure-native:storage:listStorageAccountKeys", listStorageAccountKeys],
  ["azure-native:storage:getStorageAccount", getAccount(storageAccount)],
  ["azure-native:cosmosdb:listDatabaseAccountKeys", listCosmosKeys],
  ["azure-native:cosmosdb:getDatabaseAccount", getAccount(cosmosAccount)],
  ["azure-native:authorization:getClientConfig", getClientConfig],
]);
