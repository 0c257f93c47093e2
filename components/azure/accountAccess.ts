import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import { KeyRotation, TableSas } from "../../migration/resources";
import { openNetworkFor } from "./accessOpening";
import { countTables, RIGHTS, type AccessTerms } from "./accessTerms";
import { afterFence, dependsOnFence, type Fence } from "./fence";

export interface AccountAccessArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** source: read and nothing more. destination: read, add, update, delete; missing tables are created. */
  readonly purpose: "source" | "destination";
  readonly tables: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /** The key that signs, and that is regenerated when access goes. Default key2. */
  readonly keyName?: KeyName;
  readonly terms: AccessTerms;
  /** What shuts writers out: keys and firewall are looked at, and used, after it. */
  readonly fence?: Fence;
}

/** Temporary access to one account. Deleted in the order: tokens, firewall openings, the key behind it all. */
export class AccountAccess extends pulumi.ComponentResource {
  /** The credential bundle. Secret. */
  readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  readonly expiresOn: pulumi.Output<string>;
  /** The tables the tokens are for. */
  readonly tables: pulumi.Output<string[]>;
  /** Which key dies with the access: `key2 of contosotables`. Known in previews. */
  readonly rotates: pulumi.Output<string>;
  /** What may be done, and until when, in words. */
  readonly grant: pulumi.Output<string>;

  constructor(name: string, args: AccountAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:AccountAccess", name, {}, opts);
    const { account, purpose, terms } = args;
    const keyName = args.keyName ?? "key2";
    // First of all, hence deleted last of all. The key is in the name: the short form of a preview shows names only.
    const rotation = new KeyRotation(
      `${name}-rotate-${keyName}`,
      { account, keyName, ...afterFence(args.fence) },
      { parent: this, ...dependsOnFence(args.fence) },
    );
    const opening = openNetworkFor(name, args, { parent: this, dependsOn: [rotation] });
    const sas = new TableSas(
      `${name}-sas`,
      {
        account,
        purpose,
        tables: args.tables,
        keyName,
        // A key that somebody else regenerated signs nothing any more: then the tokens are made anew.
        keyFingerprint: rotation.fingerprint,
        lifetimeHours: terms.lifetimeHours,
        policyId: terms.policyId,
        createMissing: purpose === "destination",
        ...(terms.sasIpRange === undefined ? {} : { ipRange: terms.sasIpRange }),
      },
      { parent: this, dependsOn: [rotation, ...opening] },
    );
    this.bundle = pulumi.secret(sas.bundle);
    this.expiresOn = sas.expiresOn;
    this.tables = sas.tables;
    this.rotates = pulumi.output(account).apply((ref) => `${keyName} of ${ref.account}`);
    const rights = RIGHTS[purpose];
    this.grant = pulumi.all([sas.tables, sas.expiresOn]).apply(([tables, expiresOn]) => {
      return `${rights} on ${countTables(tables)} until ${expiresOn}`;
    });
    const { bundle, expiresOn, tables, rotates, grant } = this;
    this.registerOutputs({ bundle, expiresOn, tables, rotates, grant });
  }
}
