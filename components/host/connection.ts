import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { SshHostConfiguration, SshPlace } from "../config/host";
import type { HostKeys } from "../config/hostSecrets";

/**
 * A host that cannot be reached is asked again this often. Few times: a wrong host key or a refused sign-in is tried
 * again, too.
 */
const DIALS_MAX = 3;
const DIAL_SECONDS_MAX = 15;

function reach({ address, port, user, hostKey }: SshPlace, privateKey: pulumi.Output<string> | undefined) {
  return {
    host: address,
    port,
    user,
    // Always given: without it the provider would take any host for the right one.
    hostKey,
    dialErrorLimit: DIALS_MAX,
    perDialTimeout: DIAL_SECONDS_MAX,
    // Without one, the agent behind SSH_AUTH_SOCK signs.
    ...(privateKey === undefined ? {} : { privateKey }),
  };
}

/** How the provider reaches a host, through the jump host where there is one. */
export function connectionTo(host: SshHostConfiguration, keys: HostKeys): types.input.remote.ConnectionArgs {
  const { jump } = host;
  return {
    ...reach(host, keys.host),
    ...(jump === undefined ? {} : { proxy: reach(jump, keys.jump ?? keys.host) }),
  };
}
