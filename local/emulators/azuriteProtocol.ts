/**
 * What the parent tells an Azurite process, and what it hears back.
 * `accounts` is spelt as AZURITE_ACCOUNTS: `name:key1:key2;...`.
 */
export type AzuriteOrder =
  | { readonly kind: "start"; readonly accounts: string; readonly folder: string; readonly port: number;
      /** Where to write what is asked of it (dataCalls.ts). */
      readonly callsFile?: string }
  | { readonly kind: "accounts"; readonly accounts: string }
  | { readonly kind: "stop" };

export type AzuriteAnswer =
  | { readonly kind: "started"; readonly port: number }
  | { readonly kind: "accountsSet" }
  | { readonly kind: "failed"; readonly message: string };
