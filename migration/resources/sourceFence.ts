import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../access/accountManagement";
import type { AccountRef } from "../access/accountRef";
import { shim } from "./shim";

export interface SourceFenceArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** keys: both keys are regenerated. network: the firewall lets in nobody else. both: both. */
  readonly mode: pulumi.Input<"keys" | "network" | "both">;
  /** The key that the move signs with; regenerated last. */
  readonly keyName: pulumi.Input<KeyName>;
  /** Tables of the move: what else the account holds is a reason to refuse. */
  readonly tables: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /** The move's own addresses and subnets: they alone stay let in. */
  readonly ipRanges: pulumi.Input<pulumi.Input<string>[]>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** True: shut it, whatever else it holds. */
  readonly sharedAccount: pulumi.Input<boolean>;
  /** True once access is closed: it stays as it is, and nothing is asked of the account. */
  readonly frozen: pulumi.Input<boolean>;
}

/**
 * Shuts out whoever writes an account. Deleting it gives no key back; what FormerNetwork remembers, that gives back.
 * What reads the account with one of its keys comes after it.
 */
export class SourceFence extends pulumi.dynamic.Resource {
  /** ISO 8601: changes whenever something was shut. */
  public declare readonly shutOn: pulumi.Output<string>;
  /** What is shut, as it was read back, in one line. */
  public declare readonly summary: pulumi.Output<string>;

  constructor(name: string, args: SourceFenceArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { shutOn: undefined, summary: undefined };
    super(shim("sourceFence"), name, { ...outputs, ...args }, opts, "landbridge", "SourceFence");
  }
}
