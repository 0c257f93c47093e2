import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind, requireResource } from "../plainKind";
import { COSMOS_TYPE } from "./cosmosAccount";
import { ALERT_NAME, ACTION_GROUP, minutesOf } from "./alertRules";

const WINDOWS = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"];
const FREQUENCIES = ["PT1M", "PT5M", "PT15M", "PT30M", "PT1H"];

/** Metrics that Cosmos DB accounts have (Microsoft: "Supported metrics for Microsoft.DocumentDB/DatabaseAccounts"). */
const METRICS: Readonly<Record<string, { readonly by: readonly string[]; readonly dimensions: readonly string[] }>> = {
  TotalRequests: {
    by: ["Count"],
    dimensions: ["DatabaseName", "CollectionName", "Region", "StatusCode", "OperationType", "Status", "CapacityType"],
  },
  TotalRequestUnits: {
    by: ["Total", "Average", "Maximum", "Minimum"],
    dimensions: ["DatabaseName", "CollectionName", "Region", "StatusCode", "OperationType", "Status", "CapacityType"],
  },
  NormalizedRUConsumption: {
    by: ["Maximum", "Average"],
    dimensions: ["CollectionName", "DatabaseName", "Region", "PartitionKeyRangeId", "CollectionRid"],
  },
  DataUsage: { by: ["Total", "Average"], dimensions: ["CollectionName", "DatabaseName", "Region"] },
};

const criterion = z.strictObject({
  criterionType: z.literal("StaticThresholdCriterion"),
  name: z.string(),
  metricNamespace: z.string().optional(),
  metricName: z.string(),
  timeAggregation: z.string(),
  operator: z.enum(["GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "Equals"]),
  threshold: z.number(),
  dimensions: z.array(z.strictObject({
    name: z.string(), operator: z.enum(["Include", "Exclude"]), values: z.array(z.string()).min(1),
  })).optional(),
  skipMetricValidation: z.boolean().optional(),
});

const schema = z.strictObject({
  location: z.literal("global"),
  tags: tagsSchema.optional(),
  properties: z.strictObject({
    actions: z.array(z.strictObject({ actionGroupId: z.string().regex(ACTION_GROUP, "an action group's id") }))
      .max(5).optional(),
    autoMitigate: z.boolean().optional(),
    criteria: z.strictObject({
      "odata.type": z.literal("Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"),
      allOf: z.array(criterion).min(1),
    }),
    description: z.string().optional(),
    enabled: z.boolean(),
    evaluationFrequency: z.enum(FREQUENCIES),
    scopes: z.array(z.string()).length(1),
    severity: z.int().min(0).max(4),
    windowSize: z.enum(WINDOWS),
  }),
});
type Body = z.infer<typeof schema>;

function checkCriterion({ metricNamespace, metricName, timeAggregation, dimensions = [] }: z.infer<typeof criterion>) {
  if (metricNamespace !== undefined && metricNamespace.toLowerCase() !== COSMOS_TYPE.toLowerCase()) {
    throw badRequest(`The metric namespace '${metricNamespace}' is not that of the scope.`);
  }
  const metric = METRICS[metricName];
  if (metric === undefined) throw badRequest(`Couldn't find a metric named ${metricName}.`);
  if (!metric.by.includes(timeAggregation)) {
    throw badRequest(`The metric ${metricName} is aggregated by ${metric.by.join(", ")}, not by ${timeAggregation}.`);
  }
  const stranger = dimensions.find(({ name }) => !metric.dimensions.includes(name));
  if (stranger !== undefined) throw badRequest(`The metric ${metricName} has no dimension ${stranger.name}.`);
}

function check(call: ArmCall, { properties }: Body): void {
  const { scopes, criteria, evaluationFrequency, windowSize } = properties;
  scopes.forEach((scope) => requireResource(call, scope, COSMOS_TYPE));
  criteria.allOf.forEach(checkCriterion);
  if (minutesOf(windowSize) >= minutesOf(evaluationFrequency)) return;
  throw badRequest(`The window ${windowSize} is shorter than the frequency ${evaluationFrequency}.`);
}

export const metricAlert = plainKind({ type: "Microsoft.Insights/metricAlerts", schema, name: ALERT_NAME, check });
