import type { MigrationVault } from "./azure/migrationVault";
import type { StackConfiguration } from "./config";
import type { DeclaredDestination } from "./destination";
import type { VmGround } from "./host/vmGround";
import type { Schedule } from "./schedule";
import type { MigrationResult, TableMigration } from "./tableMigration";

/** What a stack declared, as far as its outputs tell of it. */
export interface Declared {
  readonly settings: Pick<StackConfiguration, "renamesText" | "phases" | "credentialOutputs">;
  readonly migration: TableMigration;
  /** Whoever copied and verified: the migration itself, or a host. */
  readonly moved: Pick<MigrationResult, "summary" | "verdict" | "verifiedAt" | "reportPath">;
  readonly destination: DeclaredDestination;
  readonly timer: Schedule | undefined;
  readonly hostGround: VmGround | undefined;
  readonly vault: MigrationVault | undefined;
}

/** The stack's outputs. Pulumi warns of those that are undefined: what a closed access does not have is left out. */
export function outputsOf({ settings, migration, moved, destination, timer, hostGround, vault }: Declared) {
  const { access, copy } = migration;
  const { throughput, reach } = destination;
  const { summary, verdict, verifiedAt, reportPath } = moved;
  return {
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
    ...(migration.fence && { fence: migration.fence.summary }),
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
}
