/** What was asked, and with what: enough to say what is missing, and nothing secret. */
export interface RefusalContext {
  /** Begins the message: `Reading table "Cities" of contoso.table.core.windows.net`. */
  readonly doing: string;
  readonly account: string;
  /** Rights this request needs, as a SAS spells them: "r", "a", "u", "d", "c", "l" or several. */
  readonly rights: string;
  readonly writing: boolean;
  readonly grant: Grant;
  /** The service's clock, in milliseconds; NaN where it did not tell. */
  readonly serverTimeMs: number;
}

/** What a credential grants, as far as it says so itself. */
export type Grant = { readonly kind: "key" } | { readonly kind: "sas"; readonly fields: SasFields };

/** The public fields of a SAS (never its signature). */
export interface SasFields {
  readonly permissions: string | undefined;
  readonly start: string | undefined;
  readonly expiry: string | undefined;
  readonly policy: string | undefined;
  readonly addresses: string | undefined;
  readonly table: string | undefined;
  readonly resourceTypes: string | undefined;
}

export function grantOf(sas: string | undefined): Grant {
  if (sas === undefined) return { kind: "key" };
  const query = new URLSearchParams(sas);
  const field = (name: string) => query.get(name) ?? undefined;
  return {
    kind: "sas",
    fields: {
      permissions: field("sp"), start: field("st"), expiry: field("se"), policy: field("si"), addresses: field("sip"),
      table: field("tn"), resourceTypes: field("srt"),
    },
  };
}

const RIGHT_NAMES: Readonly<Record<string, string>> = {
  r: "read (r)", a: "add (a)", u: "update (u)", d: "delete (d)", c: "create (c)", l: "list (l)",
};

function named(rights: string): string {
  return [...rights].map((right) => RIGHT_NAMES[right] ?? right).join(" and ");
}

function missing(needed: string, given: string): string {
  return [...needed].filter((right) => !given.includes(right)).join("");
}

/** Differences between clocks up to this do not matter to a signature. Storage allows 15 minutes. */
const SKEW_MS_MAX = 15 * 60 * 1000;

function clockRemedy(context: RefusalContext): string | undefined {
  const skew = Math.abs(Date.now() - context.serverTimeMs);
  if (!(skew > SKEW_MS_MAX)) return undefined;
  return `This machine's clock and the service's differ by ${Math.round(skew / 60_000)} minutes: set the clock.`;
}

function sasTimeRemedy(fields: SasFields, context: RefusalContext): string | undefined {
  const now = Number.isNaN(context.serverTimeMs) ? Date.now() : context.serverTimeMs;
  const expiry = Date.parse(fields.expiry ?? "");
  if (expiry <= now) return `The SAS expired at ${fields.expiry}: mint a new one ("pulumi up" renews its own).`;
  const start = Date.parse(fields.start ?? "");
  if (!(start > now)) return undefined;
  return `The SAS is not valid before ${fields.start}: wait, or mint one that starts earlier.`;
}

function sasRightsRemedy(fields: SasFields, context: RefusalContext): string {
  const lacking = missing(context.rights, fields.permissions ?? "");
  if (fields.permissions !== undefined && lacking !== "") {
    return `The SAS grants "${fields.permissions}" and lacks ${named(lacking)}: mint one that has it too.`;
  }
  if (fields.policy !== undefined) {
    return `The SAS takes its rights from the stored access policy "${fields.policy}": it must grant ` +
      `${named(context.rights)}, be unexpired and still exist on the table (a change takes up to 30 seconds).`;
  }
  return `The SAS must grant ${named(context.rights)}.`;
}

/** A deleted table takes its policies with it, and the service does not tell a stranger what there is not. */
function deletedTable({ table }: SasFields): string {
  return table === undefined ? "" : ", or the table was deleted (`pulumi refresh`, then `pulumi up`, makes it anew)";
}

function authenticationRemedy(context: RefusalContext): string {
  const clock = clockRemedy(context);
  if (clock !== undefined) return clock;
  if (context.grant.kind === "key") {
    return `The key does not belong to account ${context.account}, or was rotated: give the current one.`;
  }
  const { fields } = context.grant;
  const time = sasTimeRemedy(fields, context);
  if (time !== undefined) return time;
  const removed = fields.policy === undefined ? "" : `, or its policy "${fields.policy}" was removed or has expired`;
  const table = fields.table === undefined ? "" : `, or it is for another table than "${fields.table}"`;
  return `The SAS was not accepted: probably the key that signed it was rotated${removed}${table}` +
    `${deletedTable(fields)}. Mint a new SAS.`;
}

function networkRemedy(context: RefusalContext): string {
  const { grant, account } = context;
  const rights = grant.kind === "sas" ? sasRemedy(grant.fields, context) : authenticationRemedy(context);
  const deleted = grant.kind === "sas" ? deletedTable(grant.fields) : "";
  return `Either the account's network rules do not admit this machine's address (add it under Networking of account ` +
    `${account}; a new rule takes up to a minute)${deleted}, or the credential does not reach so far: ${rights}`;
}

function sasRemedy(fields: SasFields, context: RefusalContext): string {
  return sasTimeRemedy(fields, context) ?? sasRightsRemedy(fields, context);
}

function dataRemedy(code: string): string | undefined {
  switch (code) {
    case "TableNotFound": return "Check the table's name, or let the table be created.";
    case "TableBeingDeleted": return "A table of that name is still being deleted (up to a minute or so): wait.";
    case "TableAlreadyExists": return "The table is there already.";
    case "EntityAlreadyExists": return "The row is there already: read it and compare.";
    case "UpdateConditionNotSatisfied": return "Somebody else changed the row since it was read: read it again.";
    case "ResourceNotFound":
    case "EntityNotFound": return "The row, or what holds it, is not there (any more).";
    default: return undefined;
  }
}

function sasScopeRemedy(code: string, context: RefusalContext): string | undefined {
  const fields = context.grant.kind === "sas" ? context.grant.fields : undefined;
  switch (code) {
    case "AuthorizationPermissionMismatch":
      return fields === undefined
        ? `The identity needs ${named(context.rights)} on account ${context.account}.`
        : sasRightsRemedy(fields, context);
    case "AuthorizationResourceTypeMismatch":
      return `The account SAS covers resource types "${fields?.resourceTypes ?? ""}": tables need srt=co.`;
    case "AuthorizationServiceMismatch": return "The account SAS does not cover tables: mint it with ss=t.";
    case "AuthorizationProtocolMismatch": return "The SAS allows HTTPS only: use the https:// endpoint.";
    case "AuthorizationSourceIPMismatch":
      return `The SAS is bound to the address ${fields?.addresses ?? "(sip)"}, and this machine comes from another: ` +
        "run where that address is, or mint a SAS for this one.";
    case "KeyBasedAuthenticationNotPermitted":
      return `Account ${context.account} does not allow shared keys (nor a SAS signed by one): sign in by ` +
        'Entra ID, with a bundle that has "signIn" (a stack does so by itself from its next run on, unless ' +
        "sharedKeyAccess is true; docs/permissions.md).";
    case "AccountIsDisabled": return `Account ${context.account} is disabled: re-enable its subscription.`;
    default: return undefined;
  }
}

/** What to do about a refusal. */
export function remedyFor(status: number, code: string, context: RefusalContext): string {
  const specific = dataRemedy(code) ?? sasScopeRemedy(code, context);
  if (specific !== undefined) return specific;
  if (code === "AuthenticationFailed" || code === "InvalidAuthenticationInfo" || status === 401) {
    return authenticationRemedy(context);
  }
  if (status === 403) return networkRemedy(context);
  if (status === 429 || status === 503) return "The account or a partition is at its limit: it is asked again, slower.";
  if (status === 408 || status >= 500) return "It is asked again; if it stays so, look at the status of the service.";
  if (status === 404) return `It is not there: check names, and that account ${context.account} offers tables.`;
  if (status === 400) return "The service does not accept the request as it is: correct what it names.";
  return "Correct what the service names, then run again.";
}
