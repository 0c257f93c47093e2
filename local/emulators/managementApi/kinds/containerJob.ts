import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind, requireResource } from "../plainKind";
import type { ArmResource } from "../state";

const JOB_TYPE = "Microsoft.App/jobs";
const SECRET_URL = /^https:\/\/[a-z0-9-]+\.vault\.azure\.net\/secrets\/[A-Za-z0-9-]+(?:\/[0-9a-f]+)?$/i;

const schema = z.strictObject({
  location: z.string(),
  tags: tagsSchema.optional(),
  identity: z.strictObject({
    type: z.enum(["None", "SystemAssigned", "UserAssigned"]),
    userAssignedIdentities: z.record(z.string(), z.strictObject({})).optional(),
  }).optional(),
  properties: z.strictObject({
    environmentId: z.string(),
    workloadProfileName: z.string().optional(),
    configuration: z.strictObject({
      triggerType: z.enum(["Schedule", "Event", "Manual"]),
      replicaRetryLimit: z.int().min(0).optional(),
      replicaTimeout: z.int().min(1),
      scheduleTriggerConfig: z.strictObject({
        cronExpression: z.string(), parallelism: z.int().min(1).optional(),
        replicaCompletionCount: z.int().min(1).optional(),
      }).optional(),
      secrets: z.array(z.strictObject({
        name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "lower-case letters, digits, dots and hyphens"),
        identity: z.string().optional(), keyVaultUrl: z.string().optional(), value: z.string().optional(),
      })).optional(),
      registries: z.array(z.strictObject({ server: z.string(), identity: z.string().optional() })).optional(),
    }),
    template: z.strictObject({
      containers: z.array(z.strictObject({
        name: z.string().regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, "lower-case letters, digits and hyphens"),
        image: z.string().min(1),
        args: z.array(z.string()).optional(),
        command: z.array(z.string()).optional(),
        env: z.array(z.strictObject({
          name: z.string(), value: z.string().optional(), secretRef: z.string().optional(),
        })).optional(),
        resources: z.strictObject({ cpu: z.number(), memory: z.string() }).optional(),
      })).min(1),
    }),
  }),
});
type Job = z.infer<typeof schema>;

/** Five fields, each a star, a step, a number, a range or a list of them. */
function isCron(text: string): boolean {
  const fields = text.split(" ");
  const isField = (field: string) => /^(?:\*|\d+(?:-\d+)?)(?:\/\d+)?(?:,\d+(?:-\d+)?)*$/.test(field);
  return fields.length === 5 && fields.every(isField);
}

function checkTrigger({ triggerType, scheduleTriggerConfig }: Job["properties"]["configuration"]): void {
  if (triggerType !== "Schedule") return;
  const cron = scheduleTriggerConfig?.cronExpression ?? "";
  if (!isCron(cron)) throw badRequest(`The cron expression '${cron}' of a scheduled job is not valid.`);
}

function checkSecrets(call: ArmCall, { properties, identity }: Job): void {
  const { secrets = [], registries = [] } = properties.configuration;
  const own = Object.keys(identity?.userAssignedIdentities ?? {});
  own.forEach((id) => requireResource(call, id, "Microsoft.ManagedIdentity/userAssignedIdentities"));
  const mayUse = (who: string | undefined) =>
    who === "system" ? identity?.type === "SystemAssigned" : own.some((id) => id.toLowerCase() === who?.toLowerCase());
  for (const { name, keyVaultUrl, value, identity: who } of secrets) {
    if ((keyVaultUrl === undefined) === (value === undefined)) {
      throw badRequest(`The secret '${name}' has either a value or a keyVaultUrl.`);
    }
    if (keyVaultUrl === undefined) continue;
    if (!SECRET_URL.test(keyVaultUrl)) throw badRequest(`The keyVaultUrl of secret '${name}' is not valid.`);
    if (!mayUse(who)) throw badRequest(`The identity of secret '${name}' is not assigned to the job.`);
  }
  for (const { server, identity: who } of registries) {
    if (who !== undefined && !mayUse(who)) throw badRequest(`The identity of registry '${server}' is not assigned.`);
  }
  const known = secrets.map(({ name }) => name);
  const missing = properties.template.containers.flatMap(({ env = [] }) => env)
    .find(({ secretRef }) => secretRef !== undefined && !known.includes(secretRef));
  if (missing === undefined) return;
  throw badRequest(`The environment variable ${missing.name} refers to no secret of the job.`);
}

/** On the Consumption profile memory in GiB is twice the cores, up to 4 (Microsoft: "Containers in Container Apps"). */
function checkSize({ template }: Job["properties"]): void {
  for (const { name, resources } of template.containers) {
    if (resources === undefined) continue;
    const { cpu, memory } = resources;
    if (cpu >= 0.25 && cpu <= 4 && cpu % 0.25 === 0 && memory === `${cpu * 2}Gi`) continue;
    throw badRequest(`Container ${name} asks for ${cpu} cores and ${memory}: no size of the Consumption profile.`);
  }
}

function check(call: ArmCall, body: Job, before: ArmResource | undefined): void {
  const { properties } = body;
  requireResource(call, properties.environmentId, "Microsoft.App/managedEnvironments");
  if (before !== undefined && before.properties["environmentId"] !== properties.environmentId) {
    throw badRequest("The environment of a job cannot change.");
  }
  checkTrigger(properties.configuration);
  checkSecrets(call, body);
  checkSize(properties);
}

/** The emulators keep a job, and never start it: `test/e2e` runs what it says. */
export const containerJob = plainKind({
  type: JOB_TYPE,
  schema,
  name: [/^[a-z](?:[a-z0-9]|-(?!-)){0,30}[a-z0-9]$/, "2 to 32 lower-case letters, digits and hyphens"],
  check,
});
