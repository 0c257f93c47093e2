import type { AccessToken, TokenCredential } from "@azure/identity";

/** Opens the ambient identity; tests put their own here. */
export type OpenIdentity = (tenantId?: string) => TokenCredential | Promise<TokenCredential>;

/** The ambient identity: environment, workload or managed identity, Azure CLI; of the tenant, or of its own. */
export async function openIdentity(tenantId?: string): Promise<TokenCredential> {
  // Loaded by who needs it: it takes half a second, and a run with a SAS or a key does without.
  const { DefaultAzureCredential } = await import("@azure/identity");
  return new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
}

/** The identity's token for a scope, of a tenant or of its own. Throws what the identity throws. */
export async function tokenOf(identity: TokenCredential, scope: string, tenantId?: string): Promise<AccessToken> {
  // By name, too: an identity of the environment would answer with a token of its own tenant, which opens nothing.
  const answer = await identity.getToken(scope, tenantId === undefined ? {} : { tenantId });
  if (answer === null) throw new Error("the identity gave no token");
  return answer;
}

/** Why it failed, in a line: Azure's SDKs add a line for each way that they tried, and the first says enough. */
export function firstLineOf(cause: unknown): string {
  const told = cause instanceof Error ? cause.message : String(cause);
  const [line = ""] = told.split("\n", 1);
  // Of several addresses that were tried, none of which answered, Node gives a code alone.
  return line === "" && cause instanceof Error && "code" in cause ? String(cause.code) : line;
}
