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

const { access, summary, verdict, reportPath } = migration;
const credentials = access && { source: access.source, destination: access.destination };
const { resourceGroupName } = storage;
const vaultArgs = { ...destination.account, ...environment, location: destination.location, resourceGroupName };
const wanted = settings.vault ? credentials : undefined;
const vault = wanted && new MigrationVault("landbridge", { ...vaultArgs, credentials: wanted }, { provider });

// Pulumi warns of outputs that are undefined: what a closed access does not have is left out.
export = {
  ...{ summary, verdict, reportPath, lastPlan: migration.copy.plan.text },
  ...(access && {
    accessExpiresOn: access.expiresOn,
    keysToRotate: access.rotates,
    sourceGrant: access.source.grant,
    sourceBundle: access.source.bundle,
    destinationBundle: access.destination.bundle,
  }),
  ...(vault && { vaultName: vault.vaultName }),
};
