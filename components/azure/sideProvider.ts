import { Provider } from "@pulumi/azure-native/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";

/**
 * The azure-native provider of one side. Source and destination live in different tenants, so neither may fall back
 * on the ambient one: whatever is declared or looked up for a side goes through that side's provider.
 */
export function sideProvider(name: string, account: AccountRef, opts?: pulumi.ResourceOptions): Provider {
  const { tenantId, subscriptionId } = account;
  return new Provider(`${name}-azure`, { subscriptionId, ...(tenantId === undefined ? {} : { tenantId }) }, opts);
}
