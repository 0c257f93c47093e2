import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";
import { describeAccount, type AccountRef } from "../../migration/access/accountRef";
import { tableDomain } from "../../migration/access/tableDomain";

/** What the management API says of an account, as far as it matters before access is made. */
export interface AccountFacts {
  readonly kind: string;
  readonly allowSharedKeyAccess?: boolean | undefined;
  readonly publicNetworkAccess?: string | undefined;
  readonly primaryEndpoints?: { readonly table?: string | undefined } | undefined;
}

/**
 * Looks at an account that is there, through its side's provider: in previews too, and before anything is declared,
 * since a key and a sign-in take different resources. Throws `RunError`.
 */
export async function lookAtAccount(account: AccountRef, opts: pulumi.InvokeOptions): Promise<AccountFacts> {
  const names = { accountName: account.account, resourceGroupName: account.resourceGroup };
  try {
    return await storage.getStorageAccount(names, opts);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(`The ${describeAccount(account)} cannot be looked at: ${why}`);
  }
}

/** Whether whoever copies signs in by Entra ID: as the setting says and, where it says nothing, as the account does. */
export function signsIn(sharedKeyAccess: boolean | undefined, facts: AccountFacts): boolean {
  if (sharedKeyAccess !== undefined) return !sharedKeyAccess;
  return facts.allowSharedKeyAccess === false;
}

/** Of the account's tables, without trailing slash. */
export function tableEndpoint(account: string, facts: Pick<AccountFacts, "primaryEndpoints">): string {
  return (facts.primaryEndpoints?.table ?? `https://${account}.${tableDomain("storage")}`).replace(/\/+$/, "");
}

/** One line in previews and updates, where an account has decided and no setting did. */
export async function sayWhoDecided(
  side: "source" | "destination",
  account: AccountRef,
  sharedKeyAccess: boolean | undefined,
): Promise<void> {
  if (sharedKeyAccess !== undefined) return;
  await pulumi.log.info(`The ${describeAccount(account)} refuses shared keys (allowSharedKeyAccess is false): the move `
    + `signs in there by Entra ID. Write ${side}.sharedKeyAccess: false to have it so whatever the account says.`);
}
