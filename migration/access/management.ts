import { StorageManagementClient } from "@azure/arm-storage";
import { DefaultAzureCredential } from "@azure/identity";
import { OperationalError } from "../engine/errors";
import type { AccountManagement } from "./accountManagement";
import type { AccountRef } from "./accountRef";
import { ArmAccount } from "./armAccount";
import { readEmulators } from "./emulators";

/** What finds an account's management; tests put their own here. */
export type OpenManagement = (ref: AccountRef) => AccountManagement;

/**
 * The management of an account, with fresh authority: for Azure that of whoever is signed in (environment, workload
 * identity, Azure CLI, ...), for an emulated account the stand-in on this machine. No request is made yet.
 */
export function openManagement(ref: AccountRef): AccountManagement {
  return ref.kind === "emulator" ? openEmulated(ref) : openAzure(ref);
}

function openAzure(ref: AccountRef): AccountManagement {
  const credential = new DefaultAzureCredential(ref.tenantId === undefined ? {} : { tenantId: ref.tenantId });
  return new ArmAccount(new StorageManagementClient(credential, ref.subscriptionId), ref, undefined);
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
  return new ArmAccount(new StorageManagementClient({ getToken }, ref.subscriptionId, options), ref,
    account.tableEndpoint);
}
