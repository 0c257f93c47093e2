import type { TokenCredential } from "@azure/identity";
import { firstLineOf, openIdentity, type OpenIdentity, tokenOf } from "../access/ambientIdentity";
import { OperationalError } from "../engine/errors";
import { isAzureHost } from "../stores/azureTables/azureHost";
import { isLoopback } from "../stores/azureTables/credential";

/** Who the tokens are for, as the Azure SDKs name them: Cosmos DB for Table, and Azure Storage. */
const COSMOS_SCOPE = "https://cosmos.azure.com/.default";
const STORAGE_SCOPE = "https://storage.azure.com/.default";

/** A token is asked for anew this long before it ends, in milliseconds: a request may take a while to be sent. */
const EARLY_MS = 5 * 60_000;

export interface SignInRequest {
  readonly account: string;
  /** Where the tokens will be sent. */
  readonly endpoint: string;
  readonly dialect: "storage" | "cosmos";
  /** Absent: the identity's own. */
  readonly tenantId?: string;
}

/**
 * A source of access tokens by Entra ID. One token serves all requests until shortly before it ends; requests that
 * meet its end wait for the same new one. Makes no request yet. The tokens' source throws `SignInFailed`.
 *
 * Throws `SignInRefused` for an endpoint that is neither Microsoft's nor on this machine. A token opens every account
 * that its identity may use, so it is not sent wherever a credential from another organisation points.
 */
export function signInTo(request: SignInRequest, open: OpenIdentity = openIdentity, now = Date.now) {
  refuseOthers(request);
  const scope = request.dialect === "cosmos" ? COSMOS_SCOPE : STORAGE_SCOPE;
  let identity: TokenCredential | undefined;
  let held: { readonly token: string; readonly untilMs: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    try {
      identity ??= await open(request.tenantId);
      const answer = await tokenOf(identity, scope, request.tenantId);
      held = { token: answer.token, untilMs: answer.expiresOnTimestamp - EARLY_MS };
      return answer.token;
    } catch (error) {
      const tenant = request.tenantId ?? "<tenant>";
      throw new OperationalError({
        code: "SignInFailed",
        message: `Cannot sign in to use ${request.account}: ${firstLineOf(error)} Run \`az login --tenant ${tenant}\`, `
          + "run where a managed identity is, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or federated token.",
      });
    } finally {
      asking = undefined;
    }
  }

  return (): string | Promise<string> => {
    if (held !== undefined && now() < held.untilMs) return held.token;
    asking ??= ask();
    return asking;
  };
}

function refuseOthers({ account, endpoint }: SignInRequest): void {
  const { hostname } = new URL(endpoint);
  if (isAzureHost(hostname) || isLoopback(hostname)) return;
  throw new OperationalError({
    code: "SignInRefused",
    message: `Account ${account} is to be signed in to at ${hostname}, which is not an address of Azure's tables: your `
      + "token would open your other accounts to whoever answers there. Give the account's own table endpoint, such as "
      + "https://ACCOUNT.table.core.windows.net, or a SAS.",
  });
}
