import { z } from "zod";
import * as fields from "./fields";

/** Cosmos DB account names: 3 to 44 lower-case letters, digits and hyphens (Azure naming rules). */
export const COSMOS_ACCOUNT_NAME = /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/;

const throughput = fields.field<number>(
  "a maximum for autoscale in RU/s",
  "Write a multiple of 1000, 1000 to 1000000.",
  (value) => Number.isInteger(value) && (value as number) >= 1000 && (value as number) % 1000 === 0
    && (value as number) <= 1_000_000,
);

const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

export const region = object({
  location: fields.region,
  zoneRedundant: fields.flag("It says whether the region's replicas are spread over zones.").optional(),
});

export const principal = object({
  principalId: fields.guid("Write the object id of the identity that is to use the tables for good."),
  role: fields.choice(["reader", "contributor"], "It is Cosmos DB's own role for tables.").default("contributor"),
});

export const alerts = object({
  actionGroupIds: fields.list(fields.anyResourceId("an action group's resource id"), "action groups' ids").optional(),
  throttledRequestsMax: fields.whole(1, 1_000_000, "It counts refusals (429) in five minutes.").optional(),
  normalisedRuPercentMax: fields.whole(1, 100, "It is a physical partition's use of its throughput.").optional(),
  logicalPartitionGbMax: fields.whole(1, 19, "A logical partition is full at 20 GB.").optional(),
});

export const tableThroughput = object({
  copyThroughput: throughput.optional(),
  steadyThroughput: throughput.optional(),
});

/** The settings that only a destination of kind cosmos has. */
export const cosmosSettings = {
  consistency: fields
    .choice(["Strong", "BoundedStaleness", "Session", "ConsistentPrefix", "Eventual"], "It is the account's default.")
    .optional(),
  zoneRedundant: fields.flag("It says whether replicas are spread over the region's zones.").optional(),
  regions: fields.list(region, "further regions").optional(),
  backup: fields.choice(["Continuous7Days", "Continuous30Days"], "It is how far back a restore reaches.").optional(),
  localAuth: fields.flag("true accepts account keys; Entra ID needs none.").optional(),
  principals: fields.list(principal, "identities with a role").optional(),
  alerts: alerts.optional(),
  copyThroughput: throughput.optional(),
  steadyThroughput: throughput.optional(),
  throughput: fields
    .choice(["copy", "steady"], "It says which of the two holds now; by default the phase does.")
    .optional(),
  tableThroughput: z
    .record(z.string(), tableThroughput, { error: "is not a map from a table of the destination to its throughput." })
    .optional(),
};
