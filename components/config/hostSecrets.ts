import type * as pulumi from "@pulumi/pulumi";
import type { Mistake } from "./mistakes";

/** Private keys to sign in to hosts with; where there is none, an SSH agent signs (SSH_AUTH_SOCK). */
export interface HostKeys {
  /** Secret. */
  readonly host?: pulumi.Output<string>;
  /** Secret. Absent: the host's. */
  readonly jump?: pulumi.Output<string>;
}

/** Keys of the stack's configuration that hold them. */
export const HOST_KEY = "hostPrivateKey";
export const JUMP_KEY = "jumpPrivateKey";

/** A private key in the clear is known to everybody who reads the repository. */
export function plainKeyMistakes(plain: readonly string[]): readonly Mistake[] {
  return plain.map((key) => ({
    path: `landbridge:${key}`,
    message: "is kept in the clear. Take the key out of the host's authorized_keys, make a new one, and set it with "
      + `pulumi config set --secret landbridge:${key}.`,
  }));
}
