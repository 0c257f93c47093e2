import { randomUUID } from "node:crypto";
import { z } from "zod";
import { tagsSchema } from "../kind";
import { plainKind } from "../plainKind";
import type { ManagementState } from "../state";

const IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities";

const schema = z.strictObject({ location: z.string(), tags: tagsSchema.optional() });

/** Its ids are made once, and stay. */
export const userAssignedIdentity = plainKind({
  type: IDENTITY_TYPE,
  schema,
  name: [/^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/, "3 to 128 letters, digits, hyphens and underscores"],
  adds: (_, __, before) => ({
    clientId: before?.properties["clientId"] ?? randomUUID(),
    principalId: before?.properties["principalId"] ?? randomUUID(),
    tenantId: before?.properties["tenantId"] ?? randomUUID(),
  }),
});

/** The object id of the identity with this client id; undefined where there is none. */
export function principalOfClient(state: ManagementState, clientId: string): string | undefined {
  const found = state.all()
    .find(({ type, properties }) => type === IDENTITY_TYPE && properties["clientId"] === clientId);
  return found === undefined ? undefined : String(found.properties["principalId"]);
}
