import { ExistingAccount } from "./components/azure/existingAccount";
import { MigrationVault } from "./components/azure/migrationVault";
import { sideProvider } from "./components/azure/sideProvider";
import { StorageDestination } from "./components/azure/storageDestination";
import type { SourceAccount } from "./components/azure/temporaryAccess";
import { readConfiguration } from "./components/config";
import { TableMigration } from "./components/tableMigration";

const { source, destination, environment, ...settings } = readConfiguration();
const provider = sideProvider("destination", destination.account);

/** Nothing is asked of a source once access is closed, or where its owner handed over a SAS. */
function sourceAccount(): SourceAccount {
  if (source.kind === "handedOver" || settings.temporaryAccess === "closed") return source;
  const found = new ExistingAccount("source", source, { provider: sideProvider("source", source.account) });
  return { account: found.account, keyName: source.keyName };
}

const storage = new StorageDestination("destination", { ...destination, ...settings }, { provider });

const migration = new TableMigration("migration", {
  ...settings,
  ...environment,
  source: sourceAccount(),
  destination: { account: storage.account, keyName: destination.keyName },
});

const { access } = migration;
const vault =
  access === undefined || !settings.vault
    ? undefined
    : new MigrationVault(
        "landbridge",
        {
          ...destination.account,
          ...environment,
          location: destination.location,
          resourceGroupName: storage.resourceGroupName,
          credentials: { source: access.source, destination: access.destination },
        },
        { provider },
      );

export const summary = migration.summary;
export const verdict = migration.verdict;
export const reportPath = migration.reportPath;
export const plan = migration.copy.plan.text;
export const accessExpiresOn = access?.expiresOn;
export const keysToRotate = access?.rotates;
export const sourceGrant = access?.source.grant;
export const sourceBundle = access?.source.bundle;
export const destinationBundle = access?.destination.bundle;
export const vaultUri = vault?.vaultUri;
