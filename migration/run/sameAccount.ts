import { OperationalError } from "../engine/errors";
import type { TableCredential } from "../stores/azureTables/credential";
import { isLoopback, withoutFinalDot } from "../stores/azureTables/credential";

/**
 * What an endpoint leads to, whatever it is spelt like: an account reached through its secondary, a private link, a DNS
 * zone endpoint or another spelling of loopback is the same account. Storage names are unique within a cloud.
 */
export function accountIdentity(credential: Pick<TableCredential, "account" | "endpoint">): string {
  const url = withoutFinalDot(new URL(credential.endpoint));
  const account = credential.account.toLowerCase();
  if (isLoopback(url.hostname)) return `loopback:${url.port}/${account}`;
  const host = url.hostname.toLowerCase();
  const cloud = /\.(?:privatelink\.)?(?:z\d+\.)?table\.(?:privatelink\.)?(?:storage\.azure\.net|core\.windows\.net)$/;
  if (cloud.test(host)) return `azure/${account}`;
  return `${host.replace(/^[^.]+/, "").replace(".privatelink", "")}:${url.port}/${account}`;
}

/** Throws OperationalError `SameAccount`: a table would be moved onto itself. */
export function refuseSameAccount(source: TableCredential, destination: TableCredential): void {
  if (accountIdentity(source) !== accountIdentity(destination)) return;
  throw new OperationalError({
    code: "SameAccount",
    message: `Source and destination are the same account, ${destination.account} (${source.endpoint} and ` +
      `${destination.endpoint}). Give two different accounts.`,
  });
}
