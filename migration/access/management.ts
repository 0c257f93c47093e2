import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../engine/errors";
import type { AccountManagement } from "./accountManagement";
import type { AccountRef } from "./accountRef";
import { openIdentity } from "./ambientIdentity";
import { ArmAccount } from "./armAccount";
import { ArmCosmosAccount } from "./armCosmosAccount";
import { armRest, type ArmRest } from "./armRest";
import { readEmulators } from "./emulators";

/** Azure's public cloud; storage accounts are managed through an SDK that knows it by itself. */
const AZURE_MANAGEMENT = "https://management.azure.com";

/** What finds an account's management; tests put their own here. */
export type OpenManagement = (ref: AccountRef) => AccountManagement;

/**
 * The management of an account, with fresh authority: for Azure that of whoever is signed in (environment, workload
 * identity, Azure CLI, ...), for an emulated account the stand-in on this machine. No request is made yet.
 */
export function openManagement(ref: AccountRef): AccountManagement {
  if (ref.service === "cosmos") return openCosmos(ref);
  return ref.kind === "emulator" ? openEmulated(ref) : openAzure(ref);
}

/** One client for all requests, made for the first of them. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

function openAzure(ref: AccountRef): AccountManagement {
  const client = once(async () => {
    const { StorageManagementClient } = await import("@azure/arm-storage");
    return new StorageManagementClient(await openIdentity(ref.tenantId), ref.subscriptionId);
  });
  return new ArmAccount(client, ref, undefined);
}

/** The stand-in wants no identity, but the SDK sends none over plain HTTP: hence TLS with a certificate of its own. */
function openEmulated(ref: AccountRef): AccountManagement {
  const { management, certificate, accounts } = readEmulators();
  const account = accounts[ref.account];
  if (account === undefined) {
    const known = Object.keys(accounts).join(", ") || "none";
    const message = `There is no emulated account ${ref.account}; there is ${known}. Correct the account's name.`;
    throw new OperationalError({ code: "AccountNotFound", message });
  }
  const getToken = () => Promise.resolve({ token: "emulator", expiresOnTimestamp: Date.now() + 3_600_000 });
  const options = { endpoint: management.replace(/\/+$/, ""), tlsOptions: { ca: certificate } };
  const client = once(async () => {
    const { StorageManagementClient } = await import("@azure/arm-storage");
    return new StorageManagementClient({ getToken }, ref.subscriptionId, options);
  });
  return new ArmAccount(client, ref, account.tableEndpoint);
}

const systemClock = {
  now: () => Date.now(),
  sleep: async (ms: number) => void (await sleep(ms)),
};

function openCosmos(ref: AccountRef): AccountManagement {
  const emulated = ref.kind === "emulator" ? readEmulators().accounts[ref.account]?.tableEndpoint : undefined;
  return new ArmCosmosAccount(openArm(ref), ref, systemClock, emulated);
}

/** Resource Manager itself, where the account is managed. No request is made yet. */
export function openArm(ref: AccountRef): ArmRest {
  if (ref.kind === "emulator") {
    const { management, certificate } = readEmulators();
    const endpoint = management.replace(/\/+$/, "");
    return armRest({ endpoint, certificate, getToken: () => Promise.resolve("emulator") });
  }
  const identity = once(() => openIdentity(ref.tenantId));
  const getToken = async () => {
    const token = await (await identity()).getToken(`${AZURE_MANAGEMENT}/.default`);
    if (token !== null) return token.token;
    const message = `There is no token to manage ${ref.account} with. Sign in, and run again.`;
    throw new OperationalError({ code: "SignInFailed", message });
  };
  return armRest({ endpoint: AZURE_MANAGEMENT, getToken });
}
