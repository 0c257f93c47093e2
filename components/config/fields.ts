import { z } from "zod";
import { parseFirewallRange, parseSasRange } from "../../migration/access/ipRange";
import { show } from "./mistakes";

/** Pulumi.prod.yaml ships with values such as `<tenant id of the source>`: they must never reach a cloud. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && /<[^<>]*>/.test(value);
}

/**
 * A field whose every mistake reads the same way: value, what it should be, what to do.
 * @param what completes "is not ..." and "is missing: ..."
 * @param remedy a sentence
 */
export function field<T>(what: string, remedy: string, accept: (value: unknown) => boolean) {
  return z.custom<T>((value) => !isPlaceholder(value) && accept(value), {
    error: ({ input }) => {
      if (input === undefined || input === null) return `is missing; it is ${what}. ${remedy}`;
      if (isPlaceholder(input)) return `${show(input)} is a placeholder that nobody has filled in. ${remedy}`;
      return `${show(input)} is not ${what}. ${remedy}`;
    },
  });
}

export function text(what: string, remedy: string, pattern: RegExp) {
  return field<string>(what, remedy, (value) => typeof value === "string" && pattern.test(value));
}

export function choice<const T extends string>(values: readonly T[], remedy: string) {
  return field<T>(`one of ${values.join(", ")}`, remedy, (value) => values.includes(value as T));
}

export function flag(remedy: string) {
  return field<boolean>("true or false", remedy, (value) => typeof value === "boolean");
}

/** A whole number within bounds, both allowed. */
export function whole(min: number, max: number, remedy: string) {
  return field<number>(`a whole number from ${min} to ${max}`, remedy, (value) => {
    return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  });
}

export function guid(remedy: string) {
  return text("a GUID", remedy, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
}

export function list<T extends z.ZodType>(item: T, what: string) {
  return z.array(item, { error: ({ input }) => `${show(input)} is not a list. Write ${what} as a list.` });
}

/** Public IPv4 only: storage rules match no private address, and a vault's and a SAS's rules no IPv6. */
export const publicIpRange = field<string>(
  "a public IPv4 address or CIDR range",
  "Write it like 203.0.113.7 or 203.0.113.0/29; machines with private addresses come in by a subnet.",
  (value) => typeof value === "string" && parseFirewallRange(value).kind === "ipv4",
);

export const sasIpRange = field<string>(
  "`any`, one IPv4 address or one range",
  "Write it like 203.0.113.7, 203.0.113.0-203.0.113.7 or 203.0.113.0/29; a SAS holds only one.",
  (value) => value === "any" || (typeof value === "string" && parseSasRange(value) !== undefined),
);

/** Regions are written without spaces, as `az account list-locations` prints their names. */
export const region = text("an Azure region's name", "Write it like westeurope.", /^[a-z0-9]+$/);

/** A resource's id of whatever kind. */
export function anyResourceId(what: string) {
  return text(what, "It begins with /subscriptions/.", /^\/subscriptions\/[^/]+\/.+$/i);
}

/** Matches `/subscriptions/.../resourceGroups/.../providers/NAMESPACE/type/name[/type/name]`, whatever the case. */
export function resourceId(namespace: string, ...types: readonly string[]): RegExp {
  const tail = types.map((type) => `${type}/[^/]+`).join("/");
  return new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${namespace}/${tail}$`, "i");
}

export const subnetId = text(
  "a subnet's resource id",
  "It begins with /subscriptions/ and ends with /subnets/NAME (az network vnet subnet show --query id).",
  resourceId("Microsoft[.]Network", "virtualNetworks", "subnets"),
);

export const workspaceId = text(
  "a Log Analytics workspace's resource id",
  "It begins with /subscriptions/ and ends with /workspaces/NAME (az monitor log-analytics workspace show --query id).",
  resourceId("Microsoft[.]OperationalInsights", "workspaces"),
);

/** Storage account names: 3 to 24 lower-case letters and digits (Azure naming rules). */
export const accountName = text(
  "a storage account's name",
  "Write 3 to 24 lower-case letters and digits.",
  /^[a-z0-9]{3,24}$/,
);

/** Resource group names: up to 90 characters, no full stop at the end (Azure naming rules). */
export const resourceGroupName = text(
  "a resource group's name",
  "Write 1 to 90 letters, digits, `_ - . ( )`, without a full stop at the end.",
  /^[\w.()-]{0,89}[\w()-]$/,
);
