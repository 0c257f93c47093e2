import type { SimulatedAccount } from "./account";
import { refuse } from "./errors";
import type { SimulatedRequest } from "./http";
import type { Access } from "./rights";
import { readAccountSas, readTableSas } from "./sas";
import { signedByAny } from "./signing";
import type { Target } from "./target";

/** How far a signed request's date may be from the server's clock. */
const DATE_SKEW_MS_MAX = 15 * 60_000;
const AUTHORIZATION = /^(SharedKey|SharedKeyLite) ([a-z0-9-]+):([A-Za-z0-9+/=]+)$/;

/** `/account/path` as sent, and `?comp=` where there is one: nothing else of the query is signed. */
function canonicalResource(account: SimulatedAccount, target: Target): string {
  const comp = target.query.get("comp");
  return `/${account.name}${target.signedPath}${comp === null ? "" : `?comp=${comp}`}`;
}

function stringToSign(scheme: string, request: SimulatedRequest, date: string, resource: string): string {
  if (scheme === "SharedKeyLite") return `${date}\n${resource}`;
  const { headers } = request;
  return [request.method, headers["content-md5"] ?? "", headers["content-type"] ?? "", date, resource].join("\n");
}

function authenticateKey(account: SimulatedAccount, request: SimulatedRequest, target: Target, nowMs: number): Access {
  const match = AUTHORIZATION.exec(request.headers["authorization"] ?? "");
  if (match === null) throw refuse.authentication();
  const [, scheme = "", name, signature = ""] = match;
  if (name !== account.name) throw refuse.authentication();
  const date = request.headers["x-ms-date"] ?? request.headers["date"];
  if (date === undefined) throw refuse.authentication("The Date header is missing.");
  if (!(Math.abs(Date.parse(date) - nowMs) <= DATE_SKEW_MS_MAX)) {
    throw refuse.authentication(`The Date header in the request is incorrect: ${date}.`);
  }
  const text = stringToSign(scheme, request, date, canonicalResource(account, target));
  if (!signedByAny(account.keys, text, signature)) throw refuse.authentication();
  return { kind: "key" };
}

/** Roles hold for all tables, and for making and deleting them where they write. */
const ROLE_PERMISSIONS = { reader: "rl", contributor: "rwdlacu" } as const;

function authenticateBearer(account: SimulatedAccount, token: string): Access {
  const role = account.roleOf(token);
  if (role === undefined) throw refuse.authentication("The token is nobody's, or its principal has no role here.");
  return { kind: "account", permissions: ROLE_PERMISSIONS[role], resourceTypes: "sco" };
}

/** Who asks, with what rights. Throws the 403 that the service would answer. */
export function authenticate(
  account: SimulatedAccount,
  request: SimulatedRequest,
  target: Target,
  nowMs: number,
): Access {
  const bySignature = target.query.has("sig");
  if (request.headers["authorization"] !== undefined) {
    if (bySignature) throw refuse.invalidInput("A request carries both an Authorization header and a signature.");
    const bearer = /^Bearer (\S+)$/.exec(request.headers["authorization"])?.[1];
    if (bearer !== undefined) return authenticateBearer(account, bearer);
    if (!account.takesKeys()) throw refuse.authentication("Local authorization is disabled. Use an AAD token.");
    return authenticateKey(account, request, target, nowMs);
  }
  if (!bySignature) throw refuse.authentication("The request carries no credential.");
  const context = {
    account,
    fields: target.query,
    nowMs,
    secure: request.secure === true,
    remoteAddress: (request.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, ""),
  };
  return target.query.has("tn") ? readTableSas(context) : readAccountSas(context);
}
