import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { ADDRESSES, addressesMax, isTooWide, type AddressesConfig } from "./addresses";
import { asObject, isLandbridge, known } from "./values";

const TABLE_SAS = "TableSas";
const HOUR_MS = 3_600_000;
/** A token may begin a little before it was asked for: clocks differ. */
const SLACK_HOURS = 1;

const LIFETIME = { lifetimeHoursMax: { type: "integer", default: 168, minimum: 1 } } as const;

interface LifetimeConfig {
  readonly lifetimeHoursMax?: number;
}

function hoursMax({ lifetimeHoursMax = LIFETIME.lifetimeHoursMax.default }: LifetimeConfig): number {
  return lifetimeHoursMax;
}

/** Before anything is made: what is asked for. */
export const sasLifetime: ResourceValidationPolicy = {
  name: "sas-lifetime",
  description: "Tokens for a move live a week at most (lifetimeHoursMax).",
  configSchema: { properties: LIFETIME },
  validateResource: ({ type, props, getConfig }, report) => {
    if (!isLandbridge(type, TABLE_SAS)) return;
    const max = hoursMax(getConfig<LifetimeConfig>());
    const hours = Number(props["lifetimeHours"]);
    if (hours <= max) return;
    report(`The tokens are to live ${hours} hours, and ${max} are allowed. Lower sasLifetimeHours; they are renewed.`);
  },
};

interface ScopeConfig extends AddressesConfig {
  readonly anyAddress?: boolean;
  readonly allTables?: boolean;
}

export const sasScope: ResourceValidationPolicy = {
  name: "sas-scope",
  description: "Tokens are bound to an address and can be revoked (anyAddress, addressesMax, allTables loosen it).",
  configSchema: {
    properties: {
      anyAddress: { type: "boolean", default: false }, allTables: { type: "boolean", default: true }, ...ADDRESSES,
    },
  },
  validateResource: ({ type, props, getConfig }, report) => {
    if (!isLandbridge(type, TABLE_SAS)) return;
    const config = getConfig<ScopeConfig>();
    const { anyAddress = false, allTables = true } = config;
    const { ipRange } = props;
    if (!anyAddress && typeof ipRange !== "string") {
      report("The tokens may be used from anywhere. Set environment.sasIpRange to an address, or one range.");
    } else if (!anyAddress && isTooWide(String(ipRange), addressesMax(config))) {
      report(`The tokens may be used from ${String(ipRange)}, which is more than ${addressesMax(config)} addresses. `
        + "Narrow environment.sasIpRange to those of the machines that copy.");
    }
    if (!allTables && props["tables"] === "all") {
      report("The tokens are for all tables of the account. Name the tables that move.");
    }
    if (!String(props["policyId"] ?? "").startsWith("landbridge-")) {
      report("The tokens name no stored access policy of Landbridge's, without which they cannot be revoked alone.");
    }
  },
};

/** The emulators: nothing else listens there. */
const LOOPBACK = /^http:\/\/127\.0\.0\.1[:/]/;

interface Bundle {
  readonly endpoint?: unknown;
  readonly expiresOn?: unknown;
  readonly tables?: unknown;
}

function bundleOf(text: unknown): Bundle {
  try {
    return asObject(JSON.parse(String(text)));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** What is wrong with one token; never the token itself. */
function wrongWith(token: string, onThisMachine: boolean): readonly string[] {
  const fields = new URLSearchParams(token.replace(/^\?/, ""));
  const wrong: string[] = [];
  if (fields.get("ss") !== null || fields.get("srt") !== null) wrong.push("is for a whole account");
  else if (fields.get("tn") === null) wrong.push("is for no table");
  if (fields.get("si") === null) wrong.push("names no stored access policy");
  if (!onThisMachine && fields.get("spr") !== "https") wrong.push("goes over plain HTTP too");
  // Ours leave the rights to the policy, which is changed where it is: rights of a token's own are beyond its reach.
  const own = fields.get("sp");
  if (own !== null) wrong.push(`has rights of its own (${own}) beside those of its stored access policy`);
  return wrong;
}

/** Once they are made: what the tokens themselves say. */
export const sasTokens: StackValidationPolicy = {
  name: "sas-tokens",
  description: "Tokens that were made are for a table each, over HTTPS, revocable, and end in time.",
  configSchema: { properties: LIFETIME },
  validateStack: ({ resources, getConfig }, report) => {
    const max = hoursMax(getConfig<LifetimeConfig>());
    for (const { type, props, urn } of resources.filter(({ type: each }) => isLandbridge(each, TABLE_SAS))) {
      const text = known(() => props["bundle"] as unknown);
      const { endpoint, expiresOn, tables } = bundleOf(text);
      const onThisMachine = LOOPBACK.test(String(endpoint));
      const [from, to] = [known(() => Date.parse(String(props["startsOn"]))), Date.parse(String(expiresOn))];
      // A date that cannot be read is no date in time.
      if (tables !== undefined && from !== undefined && !((to - from) / HOUR_MS <= max + SLACK_HOURS)) {
        report(`The tokens of ${type} end on ${String(expiresOn)}, more than ${max} hours after they begin.`, urn);
      }
      for (const [table, token] of Object.entries(asObject(tables))) {
        for (const reason of wrongWith(String(token), onThisMachine)) {
          report(`The token of table ${table} ${reason}.`, urn);
        }
      }
    }
    // An account's keys open everything: a move by key has no token at all.
    const keys = resources.filter(({ type }) => isLandbridge(type, "TableCopy")).flatMap(({ props, urn }) => {
      const sides = ["source", "destination"].filter((side) => {
        return /\bAccountKey=/i.test(String(known(() => props[side] as unknown) ?? ""));
      });
      return sides.map((side) => [side, urn] as const);
    });
    for (const [side, urn] of keys) {
      report(`The ${side} is opened with an account key. Use a SAS, or Entra ID (destination.localAuth: false).`, urn);
    }
  },
};
