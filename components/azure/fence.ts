import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import { FormerNetwork, SourceFence } from "../../migration/resources";

/** How the source is shut before it is read for the last time. */
export interface FenceSettings {
  readonly mode: "keys" | "network" | "both";
  /** True: shut it even where it holds more than the move takes along. */
  readonly sharedAccount: boolean;
}

export interface FenceArgs extends FenceSettings {
  readonly source: {
    readonly account: pulumi.Input<AccountRef>;
    /** The key that signs for the move. Default key2. */
    readonly keyName?: KeyName;
  };
  /** In the source. */
  readonly tables: "all" | readonly string[];
  readonly ipRanges: readonly string[];
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** True once access is closed: what is shut stays shut. */
  readonly frozen: boolean;
}

/** For what looks at keys or firewall: it has to look again when the fence has shut them. */
export function afterFence(fence: Fence | undefined): { readonly after?: pulumi.Output<string> } {
  return fence === undefined ? {} : { after: fence.shutOn };
}

export function dependsOnFence(fence: Fence | undefined): { readonly dependsOn?: pulumi.Resource[] } {
  return fence === undefined ? {} : { dependsOn: [fence.fence] };
}

const SIGNING: KeyName = "key2";

/** Keeps writers out of the source. It outlives temporary access: only without a fence is the firewall given back. */
export class Fence extends pulumi.ComponentResource {
  /** What reads the source comes after this. */
  readonly fence: SourceFence;
  readonly summary: pulumi.Output<string>;
  /** ISO 8601: changes whenever something was shut. */
  readonly shutOn: pulumi.Output<string>;

  constructor(name: string, args: FenceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:Fence", name, {}, opts);
    const { source, mode, sharedAccount, frozen } = args;
    const { account } = source;
    const ours = { account, ipRanges: [...args.ipRanges], subnetIds: [...args.subnetIds] };
    // In state before anything is shut, and deleted after all that reads.
    const former = mode === "keys" ? [] : [new FormerNetwork(`${name}-network`, ours, { parent: this })];
    const tables = args.tables === "all" ? args.tables : [...args.tables];
    const wanted = { ...ours, mode, tables, sharedAccount, frozen, keyName: source.keyName ?? SIGNING };
    this.fence = new SourceFence(`${name}-${mode}`, wanted, { parent: this, dependsOn: former });
    this.summary = this.fence.summary;
    this.shutOn = this.fence.shutOn;
    this.registerOutputs({ summary: this.summary, shutOn: this.shutOn });
  }
}
