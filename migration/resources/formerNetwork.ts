import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../access/accountRef";
import type { FormerNetwork as Former } from "../access/shutNetwork";
import { shim } from "./shim";

export interface FormerNetworkArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** The move's own addresses and subnets, which come and go with its access: they are not given back. */
  readonly ipRanges: pulumi.Input<pulumi.Input<string>[]>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A promise to give a firewall back: nothing happens on create but a look; on delete whoever was let in is let in
 * again. Create it before what shuts the firewall, so that it is in state by then.
 */
export class FormerNetwork extends pulumi.dynamic.Resource {
  public declare readonly former: pulumi.Output<Former>;

  constructor(name: string, args: FormerNetworkArgs, opts?: pulumi.CustomResourceOptions) {
    super(shim("formerNetwork"), name, { former: undefined, ...args }, opts, "landbridge", "FormerNetwork");
  }
}
