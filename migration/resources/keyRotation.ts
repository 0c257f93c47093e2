import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../access/accountManagement";
import type { AccountRef } from "../access/accountRef";
import { shim } from "./shim";

export interface KeyRotationArgs {
  readonly account: pulumi.Input<AccountRef>;
  /** The account key that signs temporary tokens. */
  readonly keyName: pulumi.Input<KeyName>;
  /** Changes when something else regenerated keys: a preview that does not know it yet shows that this follows. */
  readonly after?: pulumi.Input<string>;
}

/**
 * A promise to regenerate a key: nothing happens on create; on delete the key dies, and with it whatever it signed.
 * Create it before what uses the key, so that it is deleted after.
 */
export class KeyRotation extends pulumi.dynamic.Resource {
  public declare readonly keyName: pulumi.Output<KeyName>;
  /** A hash that tells whether the key is still the one it was. Says nothing about the key itself. */
  public declare readonly fingerprint: pulumi.Output<string>;
  /** When the key was first seen, ISO 8601. */
  public declare readonly recordedOn: pulumi.Output<string>;

  constructor(name: string, args: KeyRotationArgs, opts?: pulumi.CustomResourceOptions) {
    const props = { fingerprint: undefined, recordedOn: undefined, ...args };
    super(shim("keyRotation"), name, props, opts, "landbridge", "KeyRotation");
  }
}
