/** An account that the emulators play, and the organisation it belongs to. */
export interface OrganisationAccount {
  readonly account: string;
  /** The organisation's Entra tenant and subscription; made up, but of the right shape. */
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** False: the account is there for the program to provision. */
  readonly exists: boolean;
  /**
   * Whether it takes shared keys in the beginning; with this, Entra ID's roles open it as well. Absent: it takes keys,
   * and nothing else opens it.
   */
  readonly sharedKeys?: boolean;
  /** A Cosmos DB account for tables; absent: a storage account. It never exists before it is provisioned. */
  readonly service?: "cosmos";
}

/** Where the tables come from. */
export const CONTOSO: OrganisationAccount = {
  account: "contosotables",
  tenantId: "aaaaaaaa-0000-4000-8000-000000000001",
  subscriptionId: "aaaaaaaa-0000-4000-8000-000000000002",
  resourceGroup: "contoso-data",
  location: "westeurope",
  exists: true,
};

/** Where they go. Its account does not exist until it is provisioned. */
export const FABRIKAM: OrganisationAccount = {
  account: "fabrikamtables",
  tenantId: "bbbbbbbb-0000-4000-8000-000000000001",
  subscriptionId: "bbbbbbbb-0000-4000-8000-000000000002",
  resourceGroup: "fabrikam-data",
  location: "northeurope",
  exists: false,
};

/** The same organisation's place for tables in Cosmos DB. */
export const FABRIKAM_COSMOS: OrganisationAccount = { ...FABRIKAM, account: "fabrikam-cosmos", service: "cosmos" };
