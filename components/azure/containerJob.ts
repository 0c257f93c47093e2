import * as app from "@pulumi/azure-native/app";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import { cronOf } from "../hostSchedule";

export interface ContainerJobArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  /** With tag or digest. */
  readonly image: string;
  /** A registry that the job's identity signs in to. */
  readonly registry?: string;
  /** An environment that is there already; absent: one is made, in `subnetId` where that is given. */
  readonly environmentId?: string;
  readonly subnetId?: string;
  readonly everyMinutes: number;
  /** More than this is told to somebody; absent: nothing is followed any more. */
  readonly lagMinutesMax: number | undefined;
  /** Arguments of `landbridge`. */
  readonly command: readonly string[];
  /** The identity that reads the vault and signs in to the destination. */
  readonly identity: { readonly id: pulumi.Input<string>; readonly clientId: pulumi.Input<string> };
  /** The vault's secrets with the two credentials, without a version: a renewed one is taken up by the next run. */
  readonly secretUris: pulumi.Input<Readonly<Record<string, string>>>;
  readonly workspaceId: pulumi.Input<string>;
  readonly actionGroupIds?: readonly string[];
}

const CONTAINER = "landbridge-sync";
/** A run may be long (a reconcile reads both sides); a day is more than any should take. */
const RUN_SECONDS_MAX = 86_400;

function environment(name: string, args: ContainerJobArgs, opts: pulumi.CustomResourceOptions): pulumi.Input<string> {
  if (args.environmentId !== undefined) return args.environmentId;
  const made = new app.ManagedEnvironment(
    `${name}-environment`,
    {
      environmentName: CONTAINER,
      resourceGroupName: args.resourceGroupName,
      location: args.location,
      // Logs go through a diagnostic setting: the workspace's key is not needed.
      appLogsConfiguration: { destination: "azure-monitor" },
      ...(args.subnetId === undefined
        ? {}
        : { vnetConfiguration: { infrastructureSubnetId: args.subnetId, internal: true } }),
      workloadProfiles: [{ name: "Consumption", workloadProfileType: "Consumption" }],
    },
    opts,
  );
  new monitor.DiagnosticSetting(
    `${name}-logs`,
    {
      name: "landbridge-sync",
      resourceUri: made.id,
      workspaceId: args.workspaceId,
      logs: ["ContainerAppConsoleLogs", "ContainerAppSystemLogs"].map((category) => ({ category, enabled: true })),
    },
    opts,
  );
  return made.id;
}

/** Every run's last line holds its lag, in milliseconds, a table each. */
export function lagQuery(): string {
  return [
    "ContainerAppConsoleLogs",
    `| where ContainerName == '${CONTAINER}'`,
    "| mv-expand Lag = extract_all(@'\"lagMs\":(\\d+)', Log)",
    "| summarize LagMinutes = max(tolong(Lag)) / 60000.0, Runs = count() by bin(TimeGenerated, 5m)",
    "| order by TimeGenerated desc",
  ].join("\n");
}

/** 50 is pino's level for errors; a run that leaves conflicts for somebody to decide has none, and exit code 1. */
export function failureQuery(): string {
  return [
    "ContainerAppConsoleLogs",
    `| where ContainerName == '${CONTAINER}'`,
    "| where Log matches regex @'\"level\":50\\b' or Log matches regex @'\"exitCode\":[1-9]'",
  ].join("\n");
}

function alert(
  name: string,
  args: ContainerJobArgs,
  rule: { readonly title: string; readonly description: string; readonly query: string; readonly below?: number;
    readonly windowMinutes: number },
  opts: pulumi.CustomResourceOptions,
): void {
  new monitor.ScheduledQueryRule(
    name,
    {
      ruleName: rule.title,
      resourceGroupName: args.resourceGroupName,
      location: args.location,
      kind: "LogAlert",
      description: rule.description,
      enabled: true,
      severity: 2,
      scopes: [args.workspaceId],
      evaluationFrequency: "PT5M",
      windowSize: windowOf(rule.windowMinutes),
      // The log's tables come to be with their first line.
      skipQueryValidation: true,
      criteria: {
        allOf: [{
          query: rule.query,
          timeAggregation: "Count",
          operator: rule.below === undefined ? "GreaterThan" : "LessThan",
          threshold: rule.below ?? 0,
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
        }],
      },
      actions: { actionGroups: [...(args.actionGroupIds ?? [])] },
    },
    opts,
  );
}

/** Windows that log alerts take (Azure Monitor: Scheduled Query Rules, windowSize), in minutes. */
const WINDOWS = [5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1_440, 2_880];

function windowOf(minutes: number): string {
  const window = WINDOWS.find((each) => each >= minutes) ?? 2_880;
  if (window % 1_440 === 0) return `P${window / 1_440}D`;
  return window % 60 === 0 ? `PT${window / 60}H` : `PT${window}M`;
}

function alerts(name: string, args: ContainerJobArgs, opts: pulumi.CustomResourceOptions): void {
  alert(`${name}-failed`, args, {
    title: "landbridge-sync-failed",
    description: "A run of landbridge sync failed. Its last lines say what is missing; the next run goes on there.",
    query: failureQuery(),
    windowMinutes: 15,
  }, opts);
  const { lagMinutesMax } = args;
  if (lagMinutesMax === undefined) return;
  alert(`${name}-lags`, args, {
    title: "landbridge-sync-lags",
    description: `No run ended with a lag of at most ${lagMinutesMax} minutes: changes in the source pile up.`,
    query: `${lagQuery()}\n| where LagMinutes <= ${lagMinutesMax}`,
    below: 1,
    windowMinutes: Math.max(lagMinutesMax, 2 * args.everyMinutes),
  }, opts);
}

/** A job that starts `landbridge sync` on a timer, one replica and no second try, with alerts on failure and lag. */
export function containerJob(name: string, args: ContainerJobArgs, opts: pulumi.CustomResourceOptions): app.Job {
  const identity = pulumi.output(args.identity.id);
  const secretUris = pulumi.output(args.secretUris);
  const secret = (side: string) => ({
    name: side,
    identity,
    keyVaultUrl: secretUris.apply((uris) => uris[side] ?? ""),
  });
  alerts(name, args, opts);
  return new app.Job(
    `${name}-job`,
    {
      jobName: CONTAINER,
      resourceGroupName: args.resourceGroupName,
      location: args.location,
      environmentId: environment(name, args, opts),
      workloadProfileName: "Consumption",
      identity: { type: "UserAssigned", userAssignedIdentities: [identity] },
      configuration: {
        triggerType: "Schedule",
        // A run that fails has kept what it achieved; the next one on the timer goes on there.
        replicaRetryLimit: 0,
        replicaTimeout: RUN_SECONDS_MAX,
        scheduleTriggerConfig: {
          cronExpression: cronOf(args.everyMinutes),
          parallelism: 1,
          replicaCompletionCount: 1,
        },
        secrets: [secret("source"), secret("destination")],
        ...(args.registry === undefined ? {} : { registries: [{ server: args.registry, identity }] }),
      },
      template: {
        containers: [{
          name: CONTAINER,
          image: args.image,
          args: [...args.command],
          env: [
            { name: "LANDBRIDGE_SOURCE", secretRef: "source" },
            { name: "LANDBRIDGE_DESTINATION", secretRef: "destination" },
            { name: "AZURE_CLIENT_ID", value: args.identity.clientId },
          ],
          resources: { cpu: 1, memory: "2Gi" },
        }],
      },
    },
    opts,
  );
}
