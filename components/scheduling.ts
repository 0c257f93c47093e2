import type * as pulumi from "@pulumi/pulumi";
import { ScheduleIdentity } from "./azure/scheduleIdentity";
import type { ScheduleConfiguration } from "./config/schedule";
import { Schedule } from "./schedule";
import type { SyncCommandArgs } from "./syncCommand";

type Identities = Readonly<Record<string, pulumi.Input<string>>>;

interface Ground {
  readonly resourceGroupName: pulumi.Output<string>;
  readonly location: string;
}

/** Declares the identity of a schedule in Azure: it comes before the access it is granted, and the job after that. */
export function declareScheduleIdentity(
  schedule: ScheduleConfiguration | undefined,
  ground: Ground,
  opts: pulumi.ComponentResourceOptions,
): ScheduleIdentity | undefined {
  return schedule?.kind === "containerJob" ? new ScheduleIdentity("schedule", ground, opts) : undefined;
}

/** Object ids of the identities besides the deployer's that run the move, by name. */
export function runnersOf(
  readerPrincipalId: string | undefined,
  identity: ScheduleIdentity | undefined,
  machine?: pulumi.Output<string>,
): Identities {
  return {
    ...(readerPrincipalId !== undefined && { reader: readerPrincipalId }),
    ...(identity && { schedule: identity.principalId }),
    ...(machine && { host: machine }),
  };
}

/** Declares the schedule where the stack has one. */
export function declareSchedule(
  schedule: ScheduleConfiguration | undefined,
  sync: Omit<SyncCommandArgs, "phases"> & Partial<Pick<SyncCommandArgs, "phases">>,
  azure: Ground & {
    readonly identity: ScheduleIdentity | undefined;
    readonly secretUris: pulumi.Output<Readonly<Record<string, string>>> | undefined;
    readonly workspaceId: pulumi.Output<string> | undefined;
  },
  opts: pulumi.ComponentResourceOptions,
): Schedule | undefined {
  const { phases } = sync;
  if (schedule === undefined || phases === undefined) return undefined;
  const { identity, secretUris, workspaceId, resourceGroupName, location } = azure;
  const inAzure = identity && secretUris && workspaceId
    && { resourceGroupName, location, identity, secretUris, workspaceId };
  return new Schedule("schedule", { schedule, sync: { ...sync, phases }, inAzure }, opts);
}
