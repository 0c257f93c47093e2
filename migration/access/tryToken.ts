import { OperationalError } from "../engine/errors";

/** How a service answered one small read. */
export interface TokenAnswer {
  readonly status: number;
  /** The service's code, such as `AuthenticationFailed`; "" on success or where it gave none. */
  readonly code: string;
}

/** A SAS without leading "?", or an access token of Entra ID. Secret. */
export type Token = string | { readonly bearer: string };

/** One small request. `resource` is `Cities()` or `Tables` for a read (of at most one row), a table for a write. */
export type TryToken = (endpoint: string, resource: string, token: Token) => Promise<TokenAnswer>;

const TIMEOUT_MS = 10_000;
const HEADERS = { accept: "application/json;odata=nometadata", "x-ms-version": "2019-02-02" };

/** Throws `Unreachable` (retryable). Neither the token nor a URL that holds it gets into an error. */
export const tryToken: TryToken = (endpoint, resource, token) =>
  ask(endpoint, `${endpoint}/${resource}?$top=1`, token, { headers: HEADERS });

/** A version that no row has, of a row that nobody has: 404 or 412 is the answer to whoever may delete. */
const NEVER = { "if-match": "W/\"datetime'2000-01-01T00%3A00%3A00.0000000Z'\"" };
const NOBODYS_ROW = "(PartitionKey='landbridge-fence',RowKey='landbridge-fence')";

/** Asks for one row's deletion that cannot succeed, to see who may write. Throws as above. */
export const tryWrite: TryToken = (endpoint, resource, token) => {
  const asked = { method: "DELETE", headers: { ...HEADERS, ...NEVER } } as const;
  return ask(endpoint, `${endpoint}/${resource}${NOBODYS_ROW}`, token, asked);
};

type Asked = { readonly method?: "DELETE"; readonly headers: Readonly<Record<string, string>> };

async function ask(endpoint: string, url: string, token: Token, asked: Asked): Promise<TokenAnswer> {
  try {
    const bearer: Asked["headers"] = typeof token === "string" ? {} : { authorization: `Bearer ${token.bearer}` };
    const signed = typeof token === "string" ? `${url}${url.includes("?") ? "&" : "?"}${token}` : url;
    const answer = await fetch(signed, {
      ...asked, headers: { ...asked.headers, ...bearer }, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error",
    });
    const body = await answer.text();
    return { status: answer.status, code: answer.ok ? "" : answer.headers.get("x-ms-error-code") ?? codeIn(body) };
  } catch (error) {
    const reason = reasonOf(error);
    const remedy = "Check its address, the network between, and its firewall.";
    const message = `${endpoint} cannot be reached (${reason}). ${remedy}`;
    throw new OperationalError({ code: "Unreachable", message, retryable: true });
  }
}

/** `{"odata.error": {"code": "AuthenticationFailed", ...}}`, or the same in XML. */
function codeIn(body: string): string {
  return /"code"\s*:\s*"(\w+)"/.exec(body)?.[1] ?? /<(?:m:)?code>(\w+)</i.exec(body)?.[1] ?? "";
}

/** The transport's code only: messages of fetch can quote the URL, and the URL holds the token. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : name ?? "unknown";
}
