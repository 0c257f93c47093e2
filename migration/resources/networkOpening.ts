import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../access/accountRef";
import { shim } from "./shim";

export interface NetworkOpeningArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** Public IPv4 or IPv6 addresses and CIDR ranges; /31 and /32 become single addresses. */
  readonly ipRanges: pulumi.Input<pulumi.Input<string>[]>;
  /** Resource ids of subnets that have a service endpoint for storage. */
  readonly subnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /** Changes when something else shut the firewall: a preview that does not know it yet shows that this follows. */
  readonly after?: pulumi.Input<string>;
}

/** Exactly the network rules that were not there before; only they are removed on delete. */
export interface AddedRules {
  readonly ipRules: readonly string[];
  readonly ipv6Rules: readonly string[];
  readonly subnetIds: readonly string[];
}

/** A temporary opening in an account's firewall. */
export class NetworkOpening extends pulumi.dynamic.Resource {
  public declare readonly added: pulumi.Output<AddedRules>;
  /** One line for people. */
  public declare readonly summary: pulumi.Output<string>;

  constructor(name: string, args: NetworkOpeningArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { added: undefined, summary: undefined, ...args, subnetIds: args.subnetIds ?? [] };
    super(shim("networkOpening"), name, props, opts, "landbridge", "NetworkOpening");
  }
}
