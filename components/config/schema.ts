import { z } from "zod";
import { VERIFY_LEVELS } from "../../migration/engine/settings";
import * as cosmos from "./cosmos";
import * as costs from "./costs";
import * as fields from "./fields";
import { host, jumpKeys } from "./host";
import { phaseSettings } from "./phase";
import { privateEndpoint, privateSettings } from "./privateEndpoint";
import { schedule } from "./schedule";
import { renames, tables } from "./tables";

const keyName = fields.choice(["key1", "key2"], "This key signs, and is regenerated when access closes.");

const tenantId = (side: string) =>
  fields.guid(`Write the Entra tenant of the ${side} (az account show --query tenantId).`);

const subscriptionId = (side: string) =>
  fields.guid(`Write the subscription that holds the ${side}'s account (az account show --query id).`);

/** Where the rows come from. Tenant, subscription and resource group are not needed with a SAS of the owner's. */
export const source = z.strictObject({
  account: fields.accountName,
  tenantId: tenantId("source").optional(),
  subscriptionId: subscriptionId("source").optional(),
  resourceGroup: fields.resourceGroupName.optional(),
  // Looked up where the account can be managed; says which firewall rules a host in the same region meets.
  location: fields.region.optional(),
  keyName: keyName.default("key2"),
  sharedKeyAccess: fields.flag("Left out, the account says; false: whoever copies signs in by Entra ID.").optional(),
  principalId: fields.guid("Write the object id, in the source's tenant, of the identity that copies.").optional(),
});

const SKUS = ["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"];

/** Where the rows go. */
export const destination = z.strictObject({
  kind: fields.choice(["storage", "cosmos"], "It is the service that rows go to.").default("storage"),
  // Each kind has a rule for its names: see cosmosRules.
  account: fields.text("an account's name", "Write lower-case letters and digits.", /./),
  tenantId: tenantId("destination"),
  subscriptionId: subscriptionId("destination"),
  resourceGroup: fields.resourceGroupName,
  location: fields.region,
  existing: fields
    .choice(["nothing", "resourceGroup", "account"], "It says what is there already and is used as it is.")
    .default("nothing"),
  sku: fields.choice(SKUS, "Only these kinds of account serve tables.").optional(),
  sharedKeyAccess: fields.flag("A SAS that a key signs works only with shared-key access.").optional(),
  permanentIpRanges: fields.list(fields.publicIpRange, "address ranges").optional(),
  permanentSubnetIds: fields.list(fields.subnetId, "subnet ids").optional(),
  workspaceId: fields.workspaceId.optional(),
  // Log Analytics keeps interactive logs 30 to 730 days (workspaces, retentionInDays).
  logRetentionDays: fields.whole(30, 730, "It is how long the audit trail is kept.").optional(),
  keyName: keyName.default("key2"),
  ...privateSettings,
  ...cosmos.cosmosSettings,
});

/** The machines that read, copy and deploy. */
export const environment = z.strictObject({
  ipRanges: fields.list(fields.publicIpRange, "address ranges").default([]),
  subnetIds: fields.list(fields.subnetId, "subnet ids").default([]),
  sasIpRange: fields.sasIpRange.optional(),
  readerPrincipalId: fields
    .guid("Write the object id of the identity that reads the credential bundles from the vault.")
    .optional(),
  readerPrincipalType: fields
    .choice(["ServicePrincipal", "User", "Group"], "A managed identity is a ServicePrincipal.")
    .default("ServicePrincipal"),
});

/** `landbridge:migration`, as it is written. */
export const migration = z.strictObject({
  cloud: fields.choice(["azure", "emulator"], "The emulators run on this machine.").default("azure"),
  source,
  destination,
  tables,
  renames: renames.optional(),
  ...phaseSettings,
  schedule: schedule.optional(),
  runOn: fields.choice(["local", "host"], "It says which machine copies and verifies.").default("local"),
  host: host.optional(),
  environment: environment.prefault({}),
  // A SAS of more than 30 days is no temporary access; the next `up` renews it anyway.
  sasLifetimeHours: fields.whole(1, 720, "It is how long temporary access lives, at most.").default(72),
  deletes: fields
    .choice(["report", "propagate", "accept"], "It is what becomes of rows that only the destination has.")
    .default("report"),
  conflicts: fields
    .choice(["refuse", "overwrite"], "It is what becomes of rows that somebody else changed in the destination.")
    .default("refuse"),
  verification: fields
    .choice(VERIFY_LEVELS, "Only full reads every row on both sides.")
    .default("full"),
  sampleRows: fields.whole(1, 1_000_000, "It is how many rows of each table a sample compares.").default(1000),
  concurrency: fields.whole(1, 256, "It is how many requests are under way at once, per account.").optional(),
  temporaryAccess: fields
    .choice(["open", "closed"], "closed removes all temporary access and freezes copy and verification.")
    .default("open"),
  destroyDestination: fields
    .flag("true lets a later `pulumi destroy` delete the destination account and its data.")
    .default(false),
  vault: fields.flag("It says whether the credential bundles go into a Key Vault.").default(true),
  credentialOutputs: fields
    .flag("It says whether the credential bundles are secret outputs of the stack; the vault has them too.")
    .default(true),
  prices: costs.prices.optional(),
  rowsPerSecond: costs.rowsPerSecond.optional(),
  planSecondsMax: fields.whole(1, 600, "It is how long a preview may count pending rows.").default(20),
  reportFolder: fields
    .text("a folder below the project", "Write it like .landbridge/reports.", /^(?![/\\]|[A-Za-z]:)(?!.*\.\.)[\w./-]+$/)
    .default(".landbridge/reports"),
  signingKey: fields
    .text(
      "a Key Vault key's address, or a file's path",
      "Write it like https://contoso.vault.azure.net/keys/evidence, or ../keys/evidence.pem.",
      /^(https:\/\/[a-z0-9.-]+\/keys\/[A-Za-z0-9-]+(\/[0-9a-f]{32})?|(?!https?:|-----)\S(.*\S)?)$/,
    )
    .optional(),
});

export type WrittenMigration = z.output<typeof migration>;

/** A side whose account can be managed. The rules see to it that nothing is missing. */
export interface WrittenSide {
  readonly account: string;
  readonly tenantId?: string | undefined;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

/** Keys that may stand at a path, for naming the nearest one where a key is unknown. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const objects: Readonly<Record<string, z.ZodObject>> = {
    "": migration,
    source,
    destination,
    environment,
    schedule,
    host,
    "host.jump": jumpKeys,
    "destination.privateEndpoint": privateEndpoint,
    "destination.alerts": cosmos.alerts,
    "destination.regions.*": cosmos.region,
    "destination.principals.*": cosmos.principal,
  };
  const place = path.map((step) => (typeof step === "number" ? "*" : String(step))).join(".");
  const table = /^destination[.]tableThroughput[.]/.test(place) ? cosmos.tableThroughput : undefined;
  return Object.keys((objects[place] ?? table)?.shape ?? {});
}
