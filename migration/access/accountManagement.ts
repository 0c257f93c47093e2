/** The name of one of an account's two keys. */
export type KeyName = "key1" | "key2";

export interface AccountKey {
  readonly keyName: KeyName;
  /** Base64. Secret. */
  readonly value: string;
}

/** A stored access policy. Its fields are absent where a token that names it brings them itself. */
export interface AccessPolicy {
  readonly id: string;
  /** ISO 8601. */
  readonly startsOn?: string;
  /** ISO 8601. */
  readonly expiresOn?: string;
  /** Letters of `raud`, or empty. */
  readonly permissions: string;
}

/** A stored access policy list holds at most this many: a limit of the service. */
export const POLICIES_MAX = 5;

/** An account's whole firewall, as it must be sent back. Lists that the service left out stay out. */
export interface NetworkRules {
  readonly defaultAction: "Allow" | "Deny";
  readonly bypass?: string;
  readonly ipRules?: readonly IpRule[];
  readonly ipv6Rules?: readonly IpRule[];
  readonly subnetRules?: readonly SubnetRule[];
  readonly resourceRules?: readonly ResourceRule[];
}

export interface IpRule {
  /** An address or a CIDR range. */
  readonly value: string;
  readonly action?: "Allow";
}

export interface SubnetRule {
  readonly subnetId: string;
  readonly action?: "Allow";
  readonly state?: string;
}

export interface ResourceRule {
  readonly tenantId?: string;
  readonly resourceId?: string;
}

/**
 * What the owner of a storage account may do to it: the management API, behind a port.
 * Every method throws `OperationalError`, with the missing right where that is the reason; codes:
 * `AuthorizationFailed`, `AccountNotFound`, `SubscriptionNotFound`, `SignInFailed`, `ManagementUnreachable`,
 * `TableNotFound`, `TableBeingDeleted` (retryable), `ManagementFailed`.
 */
export interface AccountManagement {
  /** For people, without secrets. */
  readonly name: string;
  /** The account's name alone. */
  readonly account: string;
  listKeys(): Promise<readonly AccountKey[]>;
  /** What the old key signed is refused from then on. */
  regenerateKey(keyName: KeyName): Promise<void>;
  getNetworkRules(): Promise<NetworkRules>;
  /** Replaces the whole set. The service has no precondition for it: read just before, and again after. */
  setNetworkRules(rules: NetworkRules): Promise<void>;
  /** Names, without the service's own metrics tables. */
  listTables(): Promise<readonly string[]>;
  createTable(table: string): Promise<"created" | "existed">;
  /** A table that is not there is fine. */
  deleteTable(table: string): Promise<void>;
  /** Undefined: there is no such table. */
  getPolicies(table: string): Promise<readonly AccessPolicy[] | undefined>;
  /** Replaces the whole list. */
  setPolicies(table: string, policies: readonly AccessPolicy[]): Promise<void>;
  /** Without trailing slash: `https://contoso.table.core.windows.net`. */
  tableEndpoint(): Promise<string>;
  publicNetworkAccess(): Promise<"Enabled" | "Disabled" | "SecuredByPerimeter">;
  /** False: the account refuses keys and what they signed. */
  allowSharedKeyAccess(): Promise<boolean>;
  /** What it holds besides tables, for people: `blob container images`, `queue jobs`, `file share data`. */
  listOtherData(): Promise<readonly string[]>;
  /** How many private endpoints lead into it: network rules say nothing to those. */
  countPrivateEndpoints(): Promise<number>;
}
