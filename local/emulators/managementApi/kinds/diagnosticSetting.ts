import { z } from "zod";
import { ArmError, notFound } from "../armError";
import { parseBody, type ArmCall, type ArmKind } from "../kind";
import { badRequest } from "../plainKind";

const retention = z.strictObject({ days: z.int(), enabled: z.boolean() }).optional();
const settingSchema = z.strictObject({
  properties: z.strictObject({
    logAnalyticsDestinationType: z.string().optional(),
    logs: z
      .array(
        z.strictObject({
          category: z.string().optional(),
          categoryGroup: z.string().optional(),
          enabled: z.boolean(),
          retentionPolicy: retention,
        }),
      )
      .optional(),
    metrics: z
      .array(
        z.strictObject({
          category: z.string().optional(),
          enabled: z.boolean(),
          retentionPolicy: retention,
          timeGrain: z.string().optional(),
        }),
      )
      .optional(),
    storageAccountId: z.string().optional(),
    workspaceId: z.string().optional(),
  }),
});

const METRIC_CATEGORIES = ["Transaction", "Capacity", "AllMetrics", "Requests"];

/** What each kind of resource can log; `there` names the resource that must be there. */
const SCOPES: readonly { readonly scope: RegExp; readonly logs: readonly string[] }[] = [
  {
    scope: /^(?<there>.*\/Microsoft\.Storage\/storageAccounts\/[^/]+)\/tableServices\/default$/i,
    logs: ["StorageRead", "StorageWrite", "StorageDelete"],
  },
  {
    scope: /^(?<there>.*\/Microsoft\.DocumentDB\/databaseAccounts\/[^/]+)$/i,
    logs: [
      "DataPlaneRequests", "QueryRuntimeStatistics", "PartitionKeyStatistics", "PartitionKeyRUConsumption",
      "ControlPlaneRequests", "TableApiRequests",
    ],
  },
  {
    scope: /^(?<there>.*\/Microsoft\.App\/managedEnvironments\/[^/]+)$/i,
    logs: ["ContainerAppConsoleLogs", "ContainerAppSystemLogs"],
  },
];
const LOG_GROUPS = ["allLogs", "audit"];

/** The categories of what the setting is attached to; 404 where that is not there. */
function logCategories({ target, state }: ArmCall): readonly string[] {
  for (const { scope, logs } of SCOPES) {
    const there = scope.exec(target.scope)?.groups?.["there"];
    if (there === undefined) continue;
    if (state.get(there) === undefined) throw notFound(there);
    return logs;
  }
  const message = `The resource type of '${target.scope}' does not support diagnostic settings here: only a storage `
    + "account's tableServices/default, a Cosmos DB account and a container apps environment do.";
  throw new ArmError(400, "ResourceTypeNotSupported", message);
}

export const diagnosticSetting: ArmKind = {
  get: ({ state, target }) => {
    const found = state.get(target.id);
    if (found === undefined) throw notFound(target.id);
    return { status: 200, body: found };
  },
  put: (call) => {
    const categories = logCategories(call);
    const { properties } = parseBody(settingSchema, call.body);
    const { logs = [], metrics = [], workspaceId, storageAccountId } = properties;
    for (const { category, categoryGroup } of logs) {
      const known = category === undefined
        ? LOG_GROUPS.includes(categoryGroup ?? "")
        : categoryGroup === undefined && categories.includes(category);
      if (!known) throw badRequest(`Category '${category ?? categoryGroup ?? ""}' is not supported.`);
    }
    for (const { category = "" } of metrics) {
      if (!METRIC_CATEGORIES.includes(category)) throw badRequest(`Metric category '${category}' is not supported.`);
    }
    const destination = workspaceId ?? storageAccountId;
    if (destination === undefined) throw badRequest("At least one data sink needs to be specified.");
    if (call.state.get(destination) === undefined) throw notFound(destination);
    const saved = call.state.put({
      id: call.target.id,
      name: call.target.names[0] ?? "",
      type: "Microsoft.Insights/diagnosticSettings",
      properties,
    });
    return { status: 200, body: saved };
  },
  delete: ({ state, target }) => {
    if (state.get(target.id) === undefined) return { status: 204 };
    state.delete(target.id);
    return { status: 200 };
  },
};
