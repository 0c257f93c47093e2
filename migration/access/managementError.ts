import { OperationalError } from "../engine/errors";

interface Described {
  readonly code: string;
  readonly text: string;
  readonly retryable?: boolean;
}

/** What a request was for: `right` is the permission it takes, as Azure names it. */
export interface Action {
  /** For people: `list the keys of storage account contoso (...)`. */
  readonly doing: string;
  /** `Microsoft.Storage/storageAccounts/listKeys/action`, ... */
  readonly right: string;
}

const UNREACHABLE = new Set(["ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN",
  "REQUEST_SEND_ERROR"]);
const SIGN_IN = new Set(["CredentialUnavailableError", "AggregateAuthenticationError", "AuthenticationError",
  "AuthenticationRequiredError"]);

function field(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}

/** The HTTP status of an error of the Azure SDKs. */
export function statusOf(error: unknown): number | undefined {
  const status = field(error, "statusCode");
  return typeof status === "number" ? status : undefined;
}

/** The service's code (`ResourceNotFound`, ...) or the transport's (`ECONNREFUSED`, ...). */
export function codeOf(error: unknown): string {
  const inner = field(field(field(error, "details"), "error"), "code");
  return String(inner ?? field(error, "code") ?? "");
}

const REMEDIES = {
  signIn: "nobody is signed in to that tenant. Run `az login --tenant <tenant>`, or set AZURE_TENANT_ID, "
    + "AZURE_CLIENT_ID and a secret or federated token.",
  beingDeleted: "an earlier table of that name is still going away. Try again in a minute.",
  right: "Grant it a role that has it (Storage Account Contributor does) on the account, or sign in as somebody who "
    + "holds it.",
  account: "there is no such account. Check subscription, resource group and name.",
  subscription: "the signed-in identity does not see that subscription. Check its id, and that the identity is signed "
    + "in to the tenant it belongs to.",
};

function describe(error: unknown, action: Action): Described {
  const status = statusOf(error);
  const code = codeOf(error);
  if (SIGN_IN.has(String(field(error, "name")))) return { code: "SignInFailed", text: REMEDIES.signIn };
  if (code === "TableBeingDeleted") return { code, text: REMEDIES.beingDeleted, retryable: true };
  if (code === "TableNotFound") return { code, text: "there is no such table." };
  if (status === 401 || status === 403) {
    const text = `the signed-in identity lacks the right ${action.right}. ${REMEDIES.right}`;
    return { code: "AuthorizationFailed", text };
  }
  // Not the same as an account that is gone: what was granted there may well live on.
  if (code === "SubscriptionNotFound") return { code, text: REMEDIES.subscription };
  if (status === 404) return { code: "AccountNotFound", text: REMEDIES.account };
  if (UNREACHABLE.has(code)) {
    const text = `the management API cannot be reached (${code}). Check the network and proxy settings.`;
    return { code: "ManagementUnreachable", text, retryable: true };
  }
  const message = String(field(error, "message") ?? error).split("\n", 1)[0] ?? "";
  const busy = status === 429 || (status !== undefined && status >= 500);
  return { code: "ManagementFailed", text: `${[status, code, message].filter(Boolean).join(" ")}.`, retryable: busy };
}

/** An error of the management API as an operational one: what was tried, why it failed, what to do. */
export function managementError(error: unknown, action: Action): OperationalError {
  if (error instanceof OperationalError) return error;
  const { code, text, retryable } = describe(error, action);
  const message = `Cannot ${action.doing}: ${text}`;
  return new OperationalError({ code, message, retryable, status: statusOf(error) });
}
