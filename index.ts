import { MigrationVault } from "./components/azure/migrationVault";
import { sideProvider } from "./components/azure/sideProvider";
import { readConfiguration } from "./components/config";
import { declareDestination } from "./components/destination";
import { declareHostGround, hostPlace, subnetsOf } from "./components/hosting";
import { MigrationHost } from "./components/migrationHost";
import { outputsOf } from "./components/outputs";
import { declareSchedule, declareScheduleIdentity, runnersOf } from "./components/scheduling";
import { declareSource } from "./components/source";
import { TableMigration } from "./components/tableMigration";

/** A promise, since accounts that are there are looked at before it is known what to declare for them. */
async function declare() {
  const { source: from, destination, environment, schedule, host, hostKeys, ...settings } = readConfiguration();
  const provider = sideProvider("destination", destination.account);
  const source = await declareSource("source", from, { ...settings, host, schedule });
  const declared = await declareDestination("destination", destination, { ...settings, host }, provider);
  const { resourceGroupName, workspaceId } = declared;
  const ground = { resourceGroupName, location: destination.location };
  const identity = declareScheduleIdentity(schedule, ground, { provider });

  const hosted = { resourceGroupName, destination };
  const hostGround = declareHostGround(host, settings.temporaryAccess, hosted, { provider });
  const machine = hostGround?.identity.principalId;
  const subnetIds = subnetsOf(environment, hostGround);
  const runners = runnersOf(environment.readerPrincipalId, identity, machine);

  const migration = new TableMigration("migration", {
    ...settings,
    ...environment,
    subnetIds,
    source,
    destination: { ...declared.account, provider, runners },
    elsewhere: host !== undefined,
  });

  const { access } = migration;
  const credentials = access && { source: access.source, destination: access.destination };
  const readers = runnersOf(undefined, identity, machine);
  const vaultArgs = { ...destination.account, ...environment, subnetIds, ...ground, readers };
  const wanted = settings.vault ? credentials : undefined;
  const vault = wanted && new MigrationVault("landbridge", { ...vaultArgs, credentials: wanted }, { provider });
  const inAzure = { ...ground, identity, secretUris: vault?.secretUris, workspaceId };
  const timer = declareSchedule(schedule, settings, inAzure, { provider });

  const place = hostPlace(hostGround, vault, { resourceGroupName, workspaceId, destination, environment });
  const hostMove = { ...settings, keys: hostKeys, access, vault, secretUris: vault?.secretUris, place };
  const hostArgs = host && { ...hostMove, host };
  // Of the destination's side: the machine is made there.
  const moved = hostArgs === undefined ? migration : new MigrationHost("host", hostArgs, { provider });
  return outputsOf({ settings, migration, moved, destination: declared, timer, hostGround, vault });
}

export = declare;
