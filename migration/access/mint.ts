import { AzureNamedKeyCredential, generateTableSas } from "@azure/data-tables";
import { createHash } from "node:crypto";
import { OperationalError } from "../engine/errors";
import { isLoopback } from "../stores/azureTables/credential";
import type { AccountManagement, KeyName } from "./accountManagement";
import type { AccountRef } from "./accountRef";
import { formatIpv4, type Ipv4Range } from "./ipRange";

export interface TokenRequest {
  readonly account: string;
  readonly endpoint: string;
  readonly key: string;
  readonly policyId: string;
  /** The addresses that alone may use it. */
  readonly range?: Ipv4Range;
}

/**
 * A SAS for one table. Start, expiry and rights stand in the stored access policy it names, so that removing the
 * policy ends it at once; a field may stand in only one of the two. The same request always gives the same token.
 */
export function mintTableSas(table: string, request: TokenRequest): string {
  const { account, endpoint, key, policyId, range } = request;
  const ipRange = range === undefined ? undefined : {
    start: formatIpv4(range.first),
    ...(range.last === range.first ? {} : { end: formatIpv4(range.last) }),
  };
  return generateTableSas(table, new AzureNamedKeyCredential(account, key), {
    identifier: policyId,
    protocol: isLoopback(new URL(endpoint).hostname) ? "https,http" : "https",
    ...(ipRange === undefined ? {} : { ipRange }),
  });
}

/** The key of that name. Throws `KeyNotFound`. */
export async function readKey(management: AccountManagement, keyName: KeyName): Promise<string> {
  const keys = await management.listKeys();
  const key = keys.find((candidate) => candidate.keyName === keyName);
  if (key !== undefined) return key.value;
  const message = `${management.name} has no key named ${keyName}. Use key1 or key2.`;
  throw new OperationalError({ code: "KeyNotFound", message });
}

/** What opens the whole account, by its first key. Secret. Throws `KeyNotFound`, and what the management throws. */
export async function connectionStringOf(
  management: AccountManagement,
  { service, kind }: Pick<AccountRef, "service" | "kind">,
): Promise<string> {
  const [key, endpoint] = await Promise.all([readKey(management, "key1"), management.tableEndpoint()]);
  // By its address alone nobody can tell what an emulated account plays.
  const hint = service === "cosmos" && kind === "emulator" ? ";Dialect=cosmos" : "";
  return `AccountName=${management.account};AccountKey=${key};TableEndpoint=${endpoint}${hint}`;
}

/** Tells whether a key is still the one it was. A key is 64 random bytes: its hash gives nothing away. */
export function fingerprint(account: string, keyName: KeyName, key: string): string {
  return createHash("sha256").update(`${account}\n${keyName}\n${key}`).digest("hex").slice(0, 32);
}
