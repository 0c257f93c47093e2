import { AzureNamedKeyCredential, AzureSASCredential, TableServiceClient } from "@azure/data-tables";
import { OperationalError } from "../engine/errors";
import { isLoopback, type TableCredential } from "../stores/azureTables/credential";
import { forEachTable } from "./forEachTable";
import { tryToken as readOnce, type TokenAnswer, type TryToken } from "./tryToken";

/** What a credential that was handed over turns out to be. Holds no secret. */
export interface ProbeResult {
  readonly account: string;
  /** The tables it opens. */
  readonly tables: readonly string[];
  /** For people: letters of `raud` as the token says them, or what reading proved. */
  readonly rights: string;
  /** ISO 8601, or in words where the token does not say. */
  readonly expiresOn: string;
  /** What stands in the way of a move, or is more than a move needs; each with its remedy. */
  readonly problems: readonly string[];
}

export interface ProbePorts {
  readonly tryToken?: TryToken;
  readonly listTables?: (credential: TableCredential) => Promise<readonly string[]>;
}

/** A token may leave its expiry to the stored access policy it names. */
export const SET_BY_POLICY = "set by a stored access policy";

interface TableProbe {
  readonly table: string;
  readonly answer: TokenAnswer;
}

/** What an owner can hand over. */
type HandedOver = Exclude<TableCredential, { readonly kind: "signIn" }>;

/** Looks at a credential and, by reading at most one row a table, at what it opens. Throws `Unreachable`. */
export async function probeCredential(credential: TableCredential, ports: ProbePorts = {}): Promise<ProbeResult> {
  const { account } = credential;
  if (credential.kind === "signIn") {
    const message = `The bundle for ${account} asks to sign in, which hands over no access. Ask the owner for a SAS.`;
    throw new OperationalError({ code: "BundleInvalid", message });
  }
  const expiresOn = expiryOf(credential);
  if (credential.kind !== "tableSas") {
    const tables = await (ports.listTables ?? listTables)(credential);
    return { account, tables, rights: rightsOf(credential), expiresOn, problems: excess(credential) };
  }
  const probes = await forEachTable([...credential.tables], async ([table, sas]): Promise<TableProbe> => ({
    table,
    answer: await (ports.tryToken ?? readOnce)(credential.endpoint, `${table}()`, sas),
  }));
  const problems = [...probes.flatMap(unreadable), ...excess(credential)];
  return { account, tables: probes.map(({ table }) => table), rights: rightsOf(credential), expiresOn, problems };
}

function tokensOf(credential: HandedOver): readonly URLSearchParams[] {
  if (credential.kind === "sharedKey") return [];
  const tokens = credential.kind === "accountSas" ? [credential.sas] : [...credential.tables.values()];
  return tokens.map((token) => new URLSearchParams(token));
}

function unreadable({ table, answer }: TableProbe): string[] {
  if (answer.status >= 200 && answer.status < 300) return [];
  const said = `${answer.status} ${answer.code}`.trim();
  const remedy: Readonly<Record<string, string>> = {
    TableNotFound: "Check the table's name with the source's owner.",
    ResourceNotFound: "Check the table's name with the source's owner.",
    AuthorizationSourceIPMismatch: "The token is bound to other addresses than this machine's.",
    AuthorizationFailure: "Let this machine through the account's firewall, or ask for a token that is still valid.",
    AuthorizationPermissionMismatch: "Ask the owner for a token with the right to read (r).",
  };
  const help = remedy[answer.code] ?? "Ask the source's owner for a new token with the right to read (r).";
  return [`Table ${table} cannot be read: the service answers ${said}. ${help}`];
}

/** More than reading is more than a source has to give. */
function excess(credential: HandedOver): string[] {
  if (credential.kind === "sharedKey") {
    return ["This is an account key: it opens everything and does not expire. Ask for a SAS that only reads."];
  }
  const letters = new Set(tokensOf(credential).flatMap((token) => [...(token.get("sp") ?? "")]));
  const more = ["a", "u", "d", "w", "c"].filter((letter) => letters.has(letter));
  if (more.length === 0) return [];
  return [`The token also grants ${more.join("")}, which a move does not need from its source. Ask for r alone.`];
}

function rightsOf(credential: HandedOver): string {
  if (credential.kind === "sharedKey") return "everything (account key)";
  const said = new Set<string>();
  for (const token of tokensOf(credential)) {
    const policy = token.get("si");
    said.add(token.get("sp") ?? (policy === null ? "none" : `what the stored access policy ${policy} says`));
  }
  return [...said].sort().join("; ");
}

/** The first to end counts. */
function expiryOf(credential: HandedOver): string {
  if (credential.kind === "sharedKey") return "never";
  const times = tokensOf(credential).flatMap((token) => token.get("se") ?? []).map((time) => Date.parse(time));
  const first = times.filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b)[0];
  return first === undefined ? SET_BY_POLICY : new Date(first).toISOString();
}

async function listTables(credential: HandedOver): Promise<readonly string[]> {
  const { endpoint } = credential;
  const options = { allowInsecureConnection: isLoopback(new URL(endpoint).hostname), retryOptions: { maxRetries: 2 } };
  const client = credential.kind === "sharedKey"
    ? new TableServiceClient(endpoint, new AzureNamedKeyCredential(credential.account, credential.key), options)
    : new TableServiceClient(endpoint, new AzureSASCredential(credential.kind === "accountSas" ? credential.sas : ""),
      options);
  const names: string[] = [];
  try {
    for await (const { name } of client.listTables()) if (name !== undefined) names.push(name);
  } catch (error) {
    // The SDK's messages can quote the request, and with it the token: only status and code are passed on.
    const { statusCode, code } = error as { readonly statusCode?: number; readonly code?: string };
    throw new OperationalError({
      code: statusCode === 403 ? "AuthorizationFailed" : "Unreachable",
      message: `The tables of ${endpoint} cannot be listed (${[statusCode, code].filter(Boolean).join(" ")}). A token `
        + "for the whole account needs srt=co and the right to list (l); a token per table does without.",
      status: statusCode,
    });
  }
  return names;
}
