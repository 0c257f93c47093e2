import { z } from "zod";
import { ArmError, notFound } from "../armError";
import { parseBody, type ArmCall, type ArmKind } from "../kind";
import type { ArmResource, ManagementState } from "../state";

const ASSIGNMENT_TYPE = "Microsoft.Authorization/roleAssignments";
const ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities";
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ROLE = /^(\/subscriptions\/[^/]+)?\/providers\/Microsoft\.Authorization\/roleDefinitions\/(?<role>[^/]+)$/i;

const assignmentSchema = z.strictObject({
  properties: z.strictObject({
    condition: z.string().optional(),
    conditionVersion: z.string().optional(),
    description: z.string().optional(),
    principalId: z.string().regex(GUID, "principalId is a GUID"),
    principalType: z.enum(["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"]).optional(),
    roleDefinitionId: z.string(),
  }),
});

/** Roles on a storage account's tables (Microsoft: "Azure built-in roles", Storage), by their ids. */
const TABLE_ROLES: Readonly<Record<string, "reader" | "contributor">> = {
  "76199698-9eea-4c19-bc75-cec21354c6b6": "reader",
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "contributor",
};

/** The strongest role that a principal has on the tables of a storage account, by the account's id. */
export function tableRoleOf(state: ManagementState, accountId: string, principalId: string) {
  const roles = state.all()
    .filter(({ type, properties }) => type === ASSIGNMENT_TYPE && properties["principalId"] === principalId)
    .filter(({ properties }) => String(properties["scope"]).toLowerCase() === accountId.toLowerCase())
    .map(({ properties }) => TABLE_ROLES[String(properties["roleDefinitionId"]).split("/").at(-1) ?? ""]);
  return roles.includes("contributor") ? "contributor" : roles.find((role) => role !== undefined);
}

function sameAssignment(other: ArmResource, scope: string, principalId: string, role: string): boolean {
  const { properties } = other;
  const otherRole = ROLE.exec(String(properties.roleDefinitionId))?.groups?.role;
  return other.type === ASSIGNMENT_TYPE && properties.scope === scope && properties.principalId === principalId
    && otherRole === role;
}

function requireScope({ target, state }: ArmCall): string {
  if (target.scope === "") throw new ArmError(400, "InvalidScope", `'${target.id}' is attached to no resource.`);
  if (state.get(target.scope) === undefined) throw notFound(target.scope);
  return target.scope;
}

/** Built-in roles that the stand-in knows by name, and what they allow on rows. */
const BUILT_IN: ReadonlyMap<string, { readonly roleName: string; readonly dataActions: readonly string[] }> = new Map([
  ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", {
    roleName: "Storage Table Data Contributor",
    dataActions: ["read", "write", "delete", "add/action", "update/action"].map((verb) => `${ENTITIES}/${verb}`),
  }],
  ["76199698-9eea-4c19-bc75-cec21354c6b6", {
    roleName: "Storage Table Data Reader", dataActions: [`${ENTITIES}/read`],
  }],
]);

export const roleDefinition: ArmKind = {
  get: ({ target }) => {
    const found = BUILT_IN.get((target.names[0] ?? "").toLowerCase());
    if (found === undefined) throw notFound(target.id);
    const { roleName, dataActions } = found;
    const permissions = [{ actions: [], notActions: [], dataActions, notDataActions: [] }];
    return { status: 200, body: { id: target.id, properties: { roleName, type: "BuiltInRole", permissions } } };
  },
};

/** On the scope, above it and below it, as Azure lists them where no filter is given. */
function meets(one: unknown, scope: string): boolean {
  const [a, b] = [`${String(one)}/`.toLowerCase(), `${scope}/`.toLowerCase()];
  return a.startsWith(b) || b.startsWith(a);
}

export const roleAssignment: ArmKind = {
  list: ({ state, target }) => {
    const value = state.all().filter(({ type, properties }) => {
      return type === ASSIGNMENT_TYPE && meets(properties.scope, target.scope);
    });
    return { status: 200, body: { value } };
  },
  get: ({ state, target }) => {
    const found = state.get(target.id);
    if (found === undefined) throw notFound(target.id);
    return { status: 200, body: found };
  },
  put: (call) => {
    const scope = requireScope(call);
    const { properties } = parseBody(assignmentSchema, call.body);
    const [name = ""] = call.target.names;
    if (!GUID.test(name)) {
      const message = `The role assignment ID '${name}' is not valid. It must be a GUID.`;
      throw new ArmError(400, "InvalidRoleAssignmentId", message);
    }
    const role = ROLE.exec(properties.roleDefinitionId)?.groups?.role;
    if (role === undefined || !GUID.test(role)) {
      const message = `The specified role definition with ID '${properties.roleDefinitionId}' does not exist.`;
      throw new ArmError(400, "RoleDefinitionDoesNotExist", message);
    }
    const before = call.state.get(call.target.id);
    if (before !== undefined && !sameAssignment(before, scope, properties.principalId, role)) {
      const message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
      throw new ArmError(400, "RoleAssignmentUpdateNotPermitted", message);
    }
    const twin = call.state.all().find((other) => sameAssignment(other, scope, properties.principalId, role));
    if (before === undefined && twin !== undefined) {
      throw new ArmError(409, "RoleAssignmentExists", "The role assignment already exists.");
    }
    const now = new Date().toISOString();
    const saved = call.state.put({
      id: call.target.id,
      name,
      type: ASSIGNMENT_TYPE,
      properties: { ...properties, scope, createdOn: before?.properties.createdOn ?? now, updatedOn: now },
    });
    return { status: 201, body: saved };
  },
  delete: ({ state, target }) => {
    const found = state.get(target.id);
    if (found === undefined) return { status: 204 };
    state.delete(target.id);
    return { status: 200, body: found };
  },
};
