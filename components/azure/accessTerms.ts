import type * as pulumi from "@pulumi/pulumi";

/** Who comes in, from where, and for how long. The same on both sides. */
export interface AccessTerms {
  /** How long the tokens live, in hours. With less than a quarter left the next `up` renews them. */
  readonly lifetimeHours: number;
  /** Public IPv4 addresses and CIDR ranges to open the firewall for, while access lasts. */
  readonly ipRanges?: readonly string[];
  /** Subnets (with a service endpoint for storage) to open the firewall for, while access lasts. */
  readonly subnetIds?: readonly pulumi.Input<string>[];
  /** The one address, or one range `from-to`, that alone may use the tokens. */
  readonly sasIpRange?: string;
  /** Identifier of the stored access policies: begins with `landbridge-`, at most 64 characters. */
  readonly policyId: string;
}

/** What each side's access lets do with rows, in words. */
export const RIGHTS = { source: "read", destination: "read, add, update and delete" } as const;

/** Entra ID's tokens end within hours, and the role with its resource: there is no date to tell. */
export const UNTIL_CLOSED = "until access is closed";

/** For people: `1 table`, `3 tables`. */
export function countTables(tables: readonly string[]): string {
  return tables.length === 1 ? "1 table" : `${tables.length} tables`;
}
