import { ExistingAccount } from "./components/azure/existingAccount";
import { MigrationVault } from "./components/azure/migrationVault";
import { sideProvider } from "./components/azure/sideProvider";
import type { SourceAccount } from "./components/azure/temporaryAccess";
import { readConfiguration } from "./components/config";
import { declareDestination } from "./components/destination";
import { declareHostGround, hostPlace, subnetsOf } from "./components/hosting";
import { MigrationHost } from "./components/migrationHost";
import { declareSchedule, declareScheduleIdentity, runnersOf } from "./components/scheduling";
import { TableMigration } from "./components/tableMigration";

const { source, destination, environment, schedule, host, hostKeys, ...settings } = readConfiguration();
const provider = sideProvider("destination", destination.account);

/** Nothing is asked of a source once access is closed, or where its owner handed over a SAS. */
function sourceAccount(): SourceAccount {
  if (source.kind === "handedOver" || settings.temporaryAccess === "closed") return source;
  const side = { provider: sideProvider("source", source.account) };
  const { account, signIn } = source;
  const found = new ExistingAccount("source", { account, signIn: signIn !== undefined }, side);
  return { ...source, ...side, account: found.account };
}

const declared = declareDestination("destination", destination, settings.destroyDestination, { provider });
const { resourceGroupName, workspaceId, throughput, reach } = declared;
const ground = { resourceGroupName, location: destination.location };
const identity = declareScheduleIdentity(schedule, ground, { provider });

const hostGround = declareHostGround(host, settings.temporaryAccess, { resourceGroupName, destination }, { provider });
const machine = hostGround?.identity.principalId;
const subnetIds = subnetsOf(environment, hostGround);

const migration = new TableMigration("migration", {
  ...settings,
  ...environment,
  subnetIds,
  source: sourceAccount(),
  destination: { ...declared.account, provider, runners: runnersOf(environment.readerPrincipalId, identity, machine) },
  elsewhere: host !== undefined,
});

const { access, copy } = migration;
const credentials = access && { source: access.source, destination: access.destination };
const readers = runnersOf(undefined, identity, machine);
const vaultArgs = { ...destination.account, ...environment, subnetIds, ...ground, readers };
const wanted = settings.vault ? credentials : undefined;
const vault = wanted && new MigrationVault("landbridge", { ...vaultArgs, credentials: wanted }, { provider });
const inAzure = { ...ground, identity, secretUris: vault?.secretUris, workspaceId };
const timer = declareSchedule(schedule, settings, inAzure, { provider });

const place = hostPlace(hostGround, vault, { resourceGroupName, workspaceId, destination, environment });
const hostArgs = host && { ...settings, host, keys: hostKeys, access, secretUris: vault?.secretUris, place };
// Of the destination's side: the machine is made there.
const moved = hostArgs === undefined ? migration : new MigrationHost("host", hostArgs, { provider });
const { summary, verdict, verifiedAt, reportPath } = moved;

// Pulumi warns of outputs that are undefined: what a closed access does not have is left out.
export = {
  ...{ summary, verdict, verifiedAt, reportPath },
  ...(copy && { lastPlan: copy.plan.text }),
  ...(settings.renamesText !== "" && { renames: settings.renamesText }),
  ...(settings.phases && copy && {
    phase: migration.verdict,
    lateApplied: copy.lateApplied,
    lateConflictRows: copy.lateConflictRows,
  }),
  // Nothing is followed any more once the source is drained.
  ...(["sync", "switched"].includes(settings.phases?.phase ?? "") && copy && { lagSeconds: copy.lagSeconds }),
  ...(throughput !== undefined && { throughput }),
  ...(reach && { destinationReach: reach }),
  ...(timer && { scheduleFiles: timer.files, scheduleLook: timer.look }),
  ...(access && {
    accessExpiresOn: access.expiresOn,
    keysToRotate: access.rotates,
    sourceGrant: access.source.grant,
  }),
  ...(access && settings.credentialOutputs && {
    sourceBundle: access.source.bundle,
    destinationBundle: access.destination.bundle,
  }),
  ...(hostGround && { hostSubnetId: hostGround.subnetId }),
  ...(vault && { vaultName: vault.vaultName }),
};
