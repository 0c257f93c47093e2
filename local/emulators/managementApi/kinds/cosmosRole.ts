import { z } from "zod";
import type { ArmCall, ArmKind } from "../kind";
import { badRequest, parentId, plainKind } from "../plainKind";
import type { ArmResource, ManagementState } from "../state";
import { COSMOS_TYPE, requireCosmos } from "./cosmosAccount";

const TYPE = `${COSMOS_TYPE}/tableRoleAssignments`;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Roles that every account for tables has (Microsoft: "data plane security reference", Table). */
const BUILT_IN: Readonly<Record<string, "reader" | "contributor">> = {
  "00000000-0000-0000-0000-000000000001": "reader",
  "00000000-0000-0000-0000-000000000002": "contributor",
};

const schema = z.strictObject({
  properties: z.strictObject({
    principalId: z.string().regex(GUID, "principalId is a GUID"),
    roleDefinitionId: z.string(),
    scope: z.string(),
    provisioningState: z.string().optional(),
  }),
});
type Wanted = z.infer<typeof schema>["properties"];

function roleOf(roleDefinitionId: string): "reader" | "contributor" | undefined {
  return BUILT_IN[roleDefinitionId.split("/").at(-1) ?? ""];
}

function check(call: ArmCall, { properties }: { readonly properties: Wanted }, before: ArmResource | undefined): void {
  requireCosmos(call);
  const account = parentId(call);
  const { roleDefinitionId, scope, principalId } = properties;
  const definition = `${account}/tableRoleDefinitions/`.toLowerCase();
  if (!roleDefinitionId.toLowerCase().startsWith(definition) || roleOf(roleDefinitionId) === undefined) {
    throw badRequest(`The provided role definition '${roleDefinitionId}' is none of this account's.`);
  }
  if (`${scope}/`.toLowerCase() !== `${account}/`.toLowerCase()) {
    throw badRequest(`The scope '${scope}' is not the account '${account}'; the stand-in knows no narrower one.`);
  }
  if (before !== undefined && before.properties["principalId"] !== principalId) {
    throw badRequest("The principal of a role assignment cannot be updated.");
  }
}

export const cosmosRoleAssignment: ArmKind = plainKind({
  type: TYPE,
  schema,
  name: [GUID, "it is a GUID"],
  check,
});

/** The strongest role that a principal has on the account of that name. */
export function dataRoleOf(state: ManagementState, account: string, principalId: string) {
  const roles = state.all()
    .filter(({ type, id }) => type === TYPE && id.toLowerCase().includes(`/databaseaccounts/${account}/`))
    .filter(({ properties }) => properties["principalId"] === principalId)
    .map(({ properties }) => roleOf(String(properties["roleDefinitionId"])));
  return roles.includes("contributor") ? "contributor" : roles[0];
}
