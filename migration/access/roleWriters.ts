import { z } from "zod";
import type { AccountRef } from "./accountRef";
import type { ArmRest } from "./armRest";
import { managementError } from "./managementError";

/** Somebody who signs in by Entra ID, and whose role writes rows. */
export interface RoleWriter {
  /** Object id. */
  readonly principalId: string;
  /** `ServicePrincipal`, `User`, `Group`. */
  readonly principalType: string;
  /** The role's name. */
  readonly role: string;
}

const API_VERSION = "2022-04-01";
const RIGHT = "Microsoft.Authorization";
/** What a role allows on data, where it writes rows. */
const WRITES = ["write", "add/action", "update/action", "delete"]
  .map((verb) => `Microsoft.Storage/storageAccounts/tableServices/tables/entities/${verb}`);

const assignmentsSchema = z.object({
  value: z.array(z.object({
    properties: z.object({
      roleDefinitionId: z.string(), principalId: z.string(), principalType: z.string().default("principal"),
    }),
  })),
  nextLink: z.string().nullish(),
});
const actions = z.array(z.string()).default([]);
const definitionSchema = z.object({
  properties: z.object({
    roleName: z.string(),
    permissions: z.array(z.object({ dataActions: actions, notDataActions: actions })),
  }),
});

type Assignment = z.infer<typeof assignmentsSchema>["value"][number]["properties"];

function matches(pattern: string, action: string): boolean {
  const expression = pattern.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${expression}$`, "i").test(action);
}

/** As Azure reads role definitions: wildcards, any casing, and what each part takes back again. */
function writesRows({ properties }: z.infer<typeof definitionSchema>): boolean {
  return properties.permissions.some(({ dataActions, notDataActions }) => WRITES.some((action) =>
    dataActions.some((pattern) => matches(pattern, action))
    && !notDataActions.some((pattern) => matches(pattern, action))));
}

/** On the account, above it and below it. */
async function assignments(arm: ArmRest, scope: string): Promise<readonly Assignment[]> {
  const found: Assignment[] = [];
  let next: string | undefined = `${scope}/providers/${RIGHT}/roleAssignments`;
  while (next !== undefined) {
    const page: z.infer<typeof assignmentsSchema> = assignmentsSchema.parse(await arm.call("GET", next, API_VERSION));
    found.push(...page.value.map(({ properties }) => properties));
    next = page.nextLink === undefined || page.nextLink === null ? undefined : pathOf(page.nextLink);
  }
  return found;
}

/** The next page's address as a path; which version is asked for is added anew. */
function pathOf(link: string): string {
  const url = new URL(link);
  url.searchParams.delete("api-version");
  return `${url.pathname}${url.search}`;
}

/**
 * Who writes the rows of a storage account by a role, whatever becomes of its keys. Conditions and deny assignments are
 * not looked at: somebody may be named who cannot. Throws what `managementError` gives.
 */
export async function roleWriters(arm: ArmRest, ref: AccountRef): Promise<readonly RoleWriter[]> {
  const group = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}`;
  const doing = `read who has roles on storage account ${ref.account}`;
  try {
    const all = await assignments(arm, `${group}/providers/Microsoft.Storage/storageAccounts/${ref.account}`);
    const roles = new Map<string, string | undefined>();
    for (const id of new Set(all.map(({ roleDefinitionId }) => roleDefinitionId))) {
      const definition = definitionSchema.parse(await arm.call("GET", id, API_VERSION));
      roles.set(id, writesRows(definition) ? definition.properties.roleName : undefined);
    }
    return all.flatMap(({ roleDefinitionId, principalId, principalType }) => {
      const role = roles.get(roleDefinitionId);
      return role === undefined ? [] : [{ principalId, principalType, role }];
    });
  } catch (error) {
    throw managementError(error, { doing, right: `${RIGHT}/roleAssignments/read` });
  }
}
