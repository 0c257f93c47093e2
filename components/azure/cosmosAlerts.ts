import * as monitor from "@pulumi/azure-native/monitor";
import type * as pulumi from "@pulumi/pulumi";

/** When to tell somebody, and whom. */
export interface CosmosAlertSettings {
  /** Resource ids of action groups. Without any, alerts show in the portal only. */
  readonly actionGroupIds?: readonly string[];
  /** Requests refused with 429 in five minutes. Default 100. */
  readonly throttledRequestsMax?: number;
  /** Of a physical partition's throughput, in percent, over five minutes. Default 90. */
  readonly normalisedRuPercentMax?: number;
  /** Of one logical partition, in GB; the service stops at 20. Default 16. */
  readonly logicalPartitionGbMax?: number;
}

export interface CosmosAlertArgs extends CosmosAlertSettings {
  readonly accountName: string;
  readonly accountId: pulumi.Input<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  readonly workspaceId: pulumi.Input<string>;
}

const NAMESPACE = "Microsoft.DocumentDB/databaseAccounts";
const KB_PER_GB = 1_048_576;

/**
 * The largest logical partitions, from whichever table of the workspace the diagnostic setting writes to. The service
 * logs a key only where it holds a notable share of its physical partition.
 */
function partitionQuery(sizeGb: number): string {
  return [
    "union isfuzzy=true",
    "  (CDBPartitionKeyStatistics | project TimeGenerated, Table = CollectionName, Key = PartitionKey, Kb = SizeKb),",
    "  (AzureDiagnostics | where Category == 'PartitionKeyStatistics'",
    "    | project TimeGenerated, Table = collectionName_s, Key = partitionKey_s, Kb = todouble(sizeKb_d))",
    `| where Kb >= ${sizeGb * KB_PER_GB}`,
    "| summarize Kb = max(Kb) by Table, Key",
  ].join("\n");
}

interface Criterion {
  readonly metricName: string;
  readonly timeAggregation: "Count" | "Maximum";
  readonly threshold: number;
  readonly dimension: { readonly name: string; readonly value: string };
}

function metricAlert(
  name: string,
  args: CosmosAlertArgs,
  alert: { readonly rule: string; readonly description: string; readonly severity: number; readonly when: Criterion },
  opts: pulumi.CustomResourceOptions,
): monitor.MetricAlert {
  const { metricName, timeAggregation, threshold, dimension } = alert.when;
  return new monitor.MetricAlert(
    name,
    {
      ruleName: `${args.accountName}-${alert.rule}`,
      resourceGroupName: args.resourceGroupName,
      location: "global",
      description: alert.description,
      enabled: true,
      severity: alert.severity,
      scopes: [args.accountId],
      evaluationFrequency: "PT1M",
      windowSize: "PT5M",
      autoMitigate: true,
      criteria: {
        odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [{
          criterionType: "StaticThresholdCriterion",
          name: alert.rule,
          metricNamespace: NAMESPACE,
          metricName,
          timeAggregation,
          operator: "GreaterThan",
          threshold,
          dimensions: [{ name: dimension.name, operator: "Include", values: [dimension.value] }],
        }],
      },
      actions: (args.actionGroupIds ?? []).map((actionGroupId) => ({ actionGroupId })),
    },
    opts,
  );
}

/** Alerts on refused requests, on a hot physical partition and on a logical partition that nears its limit. */
export function cosmosAlerts(name: string, args: CosmosAlertArgs, opts: pulumi.CustomResourceOptions): void {
  metricAlert(`${name}-throttled`, args, {
    rule: "throttled",
    description: "Requests are refused for load (429): raise the tables' throughput, or slow the writers down.",
    severity: 2,
    when: {
      metricName: "TotalRequests",
      timeAggregation: "Count",
      threshold: args.throttledRequestsMax ?? 100,
      dimension: { name: "StatusCode", value: "429" },
    },
  }, opts);
  metricAlert(`${name}-hot-partition`, args, {
    rule: "hot-partition",
    description: "A physical partition uses nearly all of its throughput: look for a partition key that takes most.",
    severity: 2,
    when: {
      metricName: "NormalizedRUConsumption",
      timeAggregation: "Maximum",
      threshold: args.normalisedRuPercentMax ?? 90,
      // Each partition is its own time series, and so its own alert.
      dimension: { name: "PartitionKeyRangeId", value: "*" },
    },
  }, opts);
  const sizeGb = args.logicalPartitionGbMax ?? 16;
  new monitor.ScheduledQueryRule(
    `${name}-partition-size`,
    {
      ruleName: `${args.accountName}-partition-size`,
      resourceGroupName: args.resourceGroupName,
      location: args.location,
      kind: "LogAlert",
      description: `A logical partition holds ${sizeGb} GB or more; at 20 GB the service refuses every further write.`,
      enabled: true,
      severity: 1,
      scopes: [args.workspaceId],
      evaluationFrequency: "PT1H",
      windowSize: "PT6H",
      // The log's tables come to be with their first row; until then the query would be refused.
      skipQueryValidation: true,
      criteria: {
        allOf: [{
          query: partitionQuery(sizeGb),
          timeAggregation: "Count",
          operator: "GreaterThan",
          threshold: 0,
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
        }],
      },
      actions: { actionGroups: [...(args.actionGroupIds ?? [])] },
    },
    opts,
  );
}
