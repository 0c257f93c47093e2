import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../access/accountManagement";
import type { AccountRef } from "../access/accountRef";
import { shim } from "./shim";

export interface TableSasArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** Table names, or every table the account has when the tokens are made. */
  readonly tables: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /** source: read, nothing more. destination: read, add, update, delete, and a token for the journal's table. */
  readonly purpose: pulumi.Input<"source" | "destination">;
  /** How long the tokens live, in hours, 1 to 8760. With less than a quarter left the next `up` renews them. */
  readonly lifetimeHours: pulumi.Input<number>;
  /** One IPv4 address or one range `a.b.c.d-e.f.g.h` that alone may use the tokens. A token can hold only one. */
  readonly ipRange?: pulumi.Input<string | undefined>;
  /** The account key that signs, `key2` by default. */
  readonly keyName?: pulumi.Input<KeyName>;
  /** KeyRotation's `fingerprint`: when the key was changed, what it signed is dead, and is made anew. */
  readonly keyFingerprint?: pulumi.Input<string>;
  /** Create tables that are not there (destination); otherwise a missing table is an error. */
  readonly createMissing: pulumi.Input<boolean>;
  /** The stored access policies' identifier: begins with `landbridge-`, at most 64 characters. */
  readonly policyId: pulumi.Input<string>;
}

/** A stored access policy on each table of one account, and a SAS per table that names it. */
export class TableSas extends pulumi.dynamic.Resource {
  /** The credential bundle: JSON with endpoint, expiry and a SAS per table. Secret. */
  public declare readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  public declare readonly startsOn: pulumi.Output<string>;
  /** ISO 8601. */
  public declare readonly expiresOn: pulumi.Output<string>;
  public declare readonly policyId: pulumi.Output<string>;
  public declare readonly keyName: pulumi.Output<KeyName>;
  /** The tables the tokens are for, without the journal's. */
  public declare readonly tables: pulumi.Output<string[]>;

  constructor(name: string, args: TableSasArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { bundle: undefined, startsOn: undefined, expiresOn: undefined };
    const props = { ...outputs, ...args, keyName: args.keyName ?? "key2" };
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["bundle"] });
    super(shim("tableSas"), name, props, secret, "landbridge", "TableSas");
  }
}
