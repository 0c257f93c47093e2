import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind, requireResource } from "../plainKind";
import { ACTION_GROUP, ALERT_NAME, minutesOf } from "./alertRules";

/** What log alerts take (Microsoft.Insights/scheduledQueryRules: windowSize and evaluationFrequency). */
const WINDOWS = [
  "PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D", "P2D",
];
const FREQUENCIES = [
  "PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D",
];

const schema = z.strictObject({
  location: z.string(),
  kind: z.literal("LogAlert").optional(),
  tags: tagsSchema.optional(),
  identity: z.record(z.string(), z.unknown()).optional(),
  properties: z.strictObject({
    actions: z.strictObject({
      actionGroups: z.array(z.string().regex(ACTION_GROUP, "an action group's id")).max(5).optional(),
    }).optional(),
    autoMitigate: z.boolean().optional(),
    criteria: z.strictObject({
      allOf: z.array(z.strictObject({
        query: z.string().min(1),
        timeAggregation: z.enum(["Count", "Average", "Minimum", "Maximum", "Total"]),
        metricMeasureColumn: z.string().optional(),
        operator: z.enum(["Equal", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"]),
        threshold: z.number(),
        failingPeriods: z.strictObject({
          numberOfEvaluationPeriods: z.int().min(1).max(6), minFailingPeriodsToAlert: z.int().min(1).max(6),
        }).optional(),
      })).length(1),
    }),
    description: z.string().optional(),
    displayName: z.string().optional(),
    enabled: z.boolean().optional(),
    evaluationFrequency: z.enum(FREQUENCIES),
    scopes: z.array(z.string()).length(1),
    severity: z.int().min(0).max(4),
    skipQueryValidation: z.boolean().optional(),
    windowSize: z.enum(WINDOWS),
  }),
});

function check(call: ArmCall, { properties }: z.infer<typeof schema>): void {
  const { scopes, criteria, evaluationFrequency, windowSize } = properties;
  scopes.forEach((scope) => requireResource(call, scope, "Microsoft.OperationalInsights/workspaces"));
  if (minutesOf(windowSize) < minutesOf(evaluationFrequency)) {
    throw badRequest(`The window ${windowSize} is shorter than the frequency ${evaluationFrequency}.`);
  }
  for (const { timeAggregation, metricMeasureColumn } of criteria.allOf) {
    if (timeAggregation === "Count" || metricMeasureColumn !== undefined) continue;
    throw badRequest(`timeAggregation ${timeAggregation} needs a metricMeasureColumn.`);
  }
}

export const logAlert = plainKind({ type: "Microsoft.Insights/scheduledQueryRules", schema, name: ALERT_NAME, check });
