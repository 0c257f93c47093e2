import { randomUUID } from "node:crypto";
import { z } from "zod";
import { notFound } from "../armError";
import { parseBody, requireGroup, tagsSchema, type ArmKind } from "../kind";

const workspaceSchema = z.strictObject({
  location: z.string(),
  tags: tagsSchema.optional(),
  properties: z
    .strictObject({
      features: z.record(z.string(), z.unknown()).optional(),
      publicNetworkAccessForIngestion: z.string().optional(),
      publicNetworkAccessForQuery: z.string().optional(),
      retentionInDays: z.int().min(7).max(730).optional(),
      sku: z.strictObject({ name: z.string() }).optional(),
      workspaceCapping: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});

/** A Log Analytics workspace. It remembers its settings; it receives no logs. */
export const workspace: ArmKind = {
  get: ({ state, target }) => {
    const found = state.get(target.id);
    if (found === undefined) throw notFound(target.id);
    return { status: 200, body: found };
  },
  put: (call) => {
    requireGroup(call);
    const { location, tags, properties } = parseBody(workspaceSchema, call.body);
    const before = call.state.get(call.target.id);
    const now = new Date().toISOString();
    const { customerId = randomUUID(), createdDate = now } = before?.properties ?? {};
    const saved = call.state.put({
      id: before?.id ?? call.target.id,
      name: call.target.names[0] ?? "",
      type: "Microsoft.OperationalInsights/workspaces",
      location,
      tags: tags ?? {},
      properties: {
        retentionInDays: 30,
        sku: { name: "PerGB2018" },
        ...properties,
        customerId,
        createdDate,
        modifiedDate: now,
        provisioningState: "Succeeded",
      },
    });
    return { status: before === undefined ? 201 : 200, body: saved };
  },
  delete: ({ state, target }) => {
    if (state.get(target.id) === undefined) return { status: 204 };
    state.delete(target.id);
    return { status: 200 };
  },
};
