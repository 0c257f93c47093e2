import { z } from "zod";
import { parseSasRange } from "../access/ipRange";
import { POLICY_ID_LENGTH_MAX, POLICY_PREFIX } from "../access/policies";
import { OperationalError } from "../engine/errors";
import type { CheckResult, Properties } from "./handler";
import { holdsUnknown } from "./unknown";

type Fields = Readonly<Record<string, z.ZodType>>;

/** Every mistake in the inputs that are known, each with value and remedy. No request is made. */
export function failuresIn(fields: Fields, news: Properties): CheckResult["failures"] {
  return Object.entries(fields).flatMap(([property, schema]) => {
    const value = news[property];
    if (holdsUnknown(value)) return [];
    const result = schema.safeParse(value);
    if (result.success) return [];
    return result.error.issues.map(({ path, message }) =>
      ({ property: [property, ...path].join("."), reason: message }));
  });
}

/** Inputs, typed. Throws `InputInvalid`: `check` comes before and has said all there is to say. */
export function parseInputs<Shape extends Fields>(fields: Shape, inputs: Properties): z.infer<z.ZodObject<Shape>> {
  const failures = failuresIn(fields, inputs);
  if (failures.length > 0) {
    const message = failures.map(({ property, reason }) => `${property}: ${reason}`).join(" ");
    throw new OperationalError({ code: "InputInvalid", message });
  }
  return z.object(fields).parse(inputs);
}

const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

export const accountField = z.object({
  kind: z.enum(["azure", "emulator"]),
  tenantId: z.string().min(1).optional(),
  subscriptionId: z.string().min(1, "Give the subscription the account is in."),
  resourceGroup: z.string().min(1, "Give the resource group the account is in."),
  account: z.string(),
  service: z.literal("cosmos").optional(),
}).superRefine(({ account, service }, context) => {
  const cosmos = service === "cosmos";
  if ((cosmos ? /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/ : /^[a-z0-9]{3,24}$/).test(account)) return;
  const what = cosmos
    ? "a Cosmos DB account's name: 3 to 44 lower-case letters, digits and hyphens"
    : "a storage account's name: 3 to 24 lower-case letters and digits";
  context.addIssue({ code: "custom", path: ["account"], message: `${shown(account)} is not ${what}.` });
});

export const keyNameField = z.enum(["key1", "key2"], {
  error: ({ input }) => `${shown(input)} is not a key's name: write key1 or key2.`,
});

export const tableNameField = z.string().regex(/^[A-Za-z][A-Za-z0-9]{2,62}$/, {
  error: ({ input }) => `${shown(input)} is not a table's name: 3 to 63 letters and digits, beginning with a letter.`,
});

/** 8760 h is a year: access that lasts longer is not temporary. */
export const lifetimeField = z.number().refine((hours) => hours >= 1 && hours <= 8760, {
  error: ({ input }) => `${shown(input)} hours are no temporary access: write 1 to 8760.`,
});

export const policyIdField = z.string().refine(
  (id) => id.startsWith(POLICY_PREFIX) && id.length > POLICY_PREFIX.length && id.length <= POLICY_ID_LENGTH_MAX,
  { error: ({ input }) => `${shown(input)} must begin with ${POLICY_PREFIX} and have at most ${POLICY_ID_LENGTH_MAX} `
    + "characters: by this name it is found when state is lost." },
);

export const sasRangeField = z.string().refine((text) => parseSasRange(text) !== undefined, {
  error: ({ input }) => `${shown(input)} is neither one IPv4 address nor one range. A token can be bound to only one: `
    + "write 198.51.100.7 or 198.51.100.0-198.51.100.15, or leave it away and rely on the account's firewall.",
});

export const tableInputField = z.object({
  table: tableNameField,
  destinationTable: tableNameField.optional(),
  renames: z.record(z.string(), z.string()).optional(),
  mode: z.enum(["replace", "merge"]).optional(),
  filter: z.string().optional(),
});

export type TableInputValue = z.infer<typeof tableInputField>;
