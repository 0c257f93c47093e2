/**
 * Which account is meant. It is plain JSON and goes into Pulumi state, so it holds neither secrets nor
 * anything of the moment: the endpoint of an emulated account is looked up when it is needed.
 */
export interface AccountRef {
  /** `emulator`: an account of the emulators that run on this machine (see emulators.ts). */
  readonly kind: "azure" | "emulator";
  /** The Entra tenant whose identity manages the account; absent: the ambient identity's own. */
  readonly tenantId?: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** A storage account's name has 3 to 24 lower-case letters and digits; a Cosmos DB account's 3 to 44, and hyphens. */
  readonly account: string;
  /** Absent: a storage account. */
  readonly service?: "cosmos";
}

/** For people: `storage account contoso (resource group data, subscription 0000...)`. */
export function describeAccount(ref: AccountRef): string {
  const what = ref.service === "cosmos" ? "Cosmos DB account" : "storage account";
  if (ref.kind === "emulator") return `emulated ${what} ${ref.account}`;
  return `${what} ${ref.account} (resource group ${ref.resourceGroup}, subscription ${ref.subscriptionId})`;
}

/** Whether two references mean the same account: a service's names are unique in the world, so that is what counts. */
export function sameAccount(a: AccountRef, b: AccountRef): boolean {
  return a.kind === b.kind && a.service === b.service && a.account === b.account;
}
