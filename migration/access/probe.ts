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

/** A role ends when its owner takes it back; there is no date to tell. */
export const UNTIL_TAKEN_BACK = "when the owner takes the role back";

interface TableProbe {
  readonly table: string;
  readonly answer: TokenAnswer;
}

/** What opens tables by itself; who signs in brings an identity. */
type HandedOver = Exclude<TableCredential, { readonly kind: "signIn" }>;
type SignIn = Extract<TableCredential, { readonly kind: "signIn" }>;

/**
 * Looks at a credential and, by reading at most one row a table, at what it opens. `wanted` are the tables to look at
 * where the credential names none. Throws `Unreachable`, and what signing in throws where tables have to be listed.
 */
export async function probeCredential(
  credential: TableCredential,
  wanted: "all" | readonly string[],
  ports: ProbePorts = {},
): Promise<ProbeResult> {
  const { account } = credential;
  if (credential.kind === "signIn") return await probeSignIn(credential, wanted, ports);
  const expiresOn = expiryOf(credential);
  if (credential.kind !== "tableSas") {
    const tables = await (ports.listTables ?? listTables)(credential);
    return { account, tables, rights: rightsOf(credential), expiresOn, problems: excess(credential) };
  }
  const probes = await forEachTable([...credential.tables], async ([table, sas]): Promise<TableProbe> => ({
    table,
    answer: await (ports.tryToken ?? readOnce)(credential.endpoint, `${table}()`, sas),
  }));
  const problems = [...probes.flatMap((one) => unreadable(one, OF_A_SAS)), ...excess(credential)];
  return { account, tables: probes.map(({ table }) => table), rights: rightsOf(credential), expiresOn, problems };
}

/** Who runs this signs in, as the copy will: what that identity may do beyond reading is not to be seen from here. */
async function probeSignIn(
  credential: SignIn,
  wanted: "all" | readonly string[],
  ports: ProbePorts,
): Promise<ProbeResult> {
  const { account, endpoint } = credential;
  const tables = wanted === "all" ? await (ports.listTables ?? listTables)(credential) : wanted;
  const facts = { account, tables, rights: "read by Entra ID", expiresOn: UNTIL_TAKEN_BACK };
  try {
    const probes = await forEachTable([...tables], async (table): Promise<TableProbe> => ({
      table,
      answer: await (ports.tryToken ?? readOnce)(endpoint, `${table}()`, { bearer: await credential.token() }),
    }));
    return { ...facts, problems: probes.flatMap((one) => unreadable(one, OF_A_ROLE)) };
  } catch (error) {
    // The copy may run where somebody is signed in; here it can only be told.
    if (!(error instanceof OperationalError && error.code === "SignInFailed")) throw error;
    return { ...facts, problems: [`Reading was not tried: ${error.message}`] };
  }
}

function tokensOf(credential: HandedOver): readonly URLSearchParams[] {
  if (credential.kind === "sharedKey") return [];
  const tokens = credential.kind === "accountSas" ? [credential.sas] : [...credential.tables.values()];
  return tokens.map((token) => new URLSearchParams(token));
}

type Remedies = Readonly<Record<string, string>>;

const WRONG_NAME = "Check the table's name with the source's owner.";
const COMMON: Remedies = { TableNotFound: WRONG_NAME, ResourceNotFound: WRONG_NAME };

const NEW_TOKEN = "Ask the source's owner for a new token with the right to read (r).";
const OF_A_SAS: Remedies = {
  ...COMMON,
  "": NEW_TOKEN,
  AuthorizationSourceIPMismatch: "The token is bound to other addresses than this machine's.",
  AuthorizationFailure: "Let this machine through the account's firewall, or ask for a token that is still valid.",
  AuthorizationPermissionMismatch: "Ask the owner for a token with the right to read (r).",
  KeyBasedAuthenticationNotPermitted: "The account refuses keys, and so every SAS: ask its owner for a role, and a "
    + "bundle with signIn, instead (docs/permissions.md).",
};

const ROLE = "Ask the account's owner to give Storage Table Data Reader to whoever is signed in here";
const OF_A_ROLE: Remedies = {
  ...COMMON,
  "": `${ROLE}.`,
  AuthorizationPermissionMismatch: `${ROLE}; a fresh role takes minutes to act.`,
  AuthorizationFailure: "Have the owner let this machine through the account's firewall.",
  InvalidAuthenticationInfo: "The token is of another tenant than the account's: correct signIn.tenantId in the "
    + "bundle, and sign in to that tenant.",
};

function unreadable({ table, answer }: TableProbe, remedies: Remedies): string[] {
  if (answer.status >= 200 && answer.status < 300) return [];
  const said = `${answer.status} ${answer.code}`.trim();
  return [`Table ${table} cannot be read: the service answers ${said}. ${remedies[answer.code] ?? remedies[""] ?? ""}`];
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

function clientOf(credential: TableCredential): TableServiceClient {
  const { endpoint } = credential;
  const options = { allowInsecureConnection: isLoopback(new URL(endpoint).hostname), retryOptions: { maxRetries: 2 } };
  switch (credential.kind) {
    case "sharedKey":
      return new TableServiceClient(endpoint, new AzureNamedKeyCredential(credential.account, credential.key), options);
    case "signIn": {
      const getToken = async () => ({ token: await credential.token(), expiresOnTimestamp: Date.now() + TOKEN_MS });
      return new TableServiceClient(endpoint, { getToken }, options);
    }
    case "accountSas":
      return new TableServiceClient(endpoint, new AzureSASCredential(credential.sas), options);
    case "tableSas":
      throw new Error("A SAS per table lists no tables.");
  }
}

/** The credential itself renews its token; a list is made within this. */
const TOKEN_MS = 60_000;

const LISTING: Readonly<Record<string, string>> = {
  signIn: `${ROLE}, on the whole account; or name the tables.`,
  "": "A token for the whole account needs srt=co and the right to list (l); a token per table does without.",
};

async function listTables(credential: TableCredential): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of clientOf(credential).listTables()) if (name !== undefined) names.push(name);
  } catch (error) {
    if (error instanceof OperationalError) throw error;
    // The SDK's messages can quote the request, and with it the token: only status and code are passed on.
    const { statusCode, code } = error as { readonly statusCode?: number; readonly code?: string };
    const remedy = code === "KeyBasedAuthenticationNotPermitted" ? OF_A_SAS[code] : LISTING[credential.kind];
    const said = [statusCode, code].filter(Boolean).join(" ");
    throw new OperationalError({
      code: statusCode === 403 ? "AuthorizationFailed" : "Unreachable",
      message: `The tables of ${credential.endpoint} cannot be listed (${said}). ${remedy ?? LISTING[""] ?? ""}`,
      status: statusCode,
    });
  }
  return names;
}
