import { z } from "zod";
import { ArmError } from "../armError";
import { parseBody, tagsSchema, type ArmKind } from "../kind";
import { COSMOS_TYPE } from "./cosmosAccount";

const groupSchema = z.strictObject({
  location: z.string(),
  managedBy: z.string().optional(),
  tags: tagsSchema.optional(),
  properties: z.strictObject({}).optional(),
});

function groupNotFound(name: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

export const resourceGroup: ArmKind = {
  get: ({ state, target }) => {
    const found = state.get(target.id);
    if (found === undefined) throw groupNotFound(target.resourceGroup);
    return { status: 200, body: found };
  },
  put: ({ state, target, body }) => {
    const { location, managedBy, tags } = parseBody(groupSchema, body);
    const existing = state.get(target.id);
    if (existing !== undefined && existing.location !== location) {
      const message = `Invalid resource group location '${location}'. The Resource group already exists in location `
        + `'${existing.location}'.`;
      throw new ArmError(409, "InvalidResourceGroupLocation", message);
    }
    const saved = state.put({
      id: target.id,
      name: target.resourceGroup,
      type: "Microsoft.Resources/resourceGroups",
      location,
      ...(managedBy === undefined ? {} : { managedBy }),
      tags: tags ?? {},
      properties: { provisioningState: "Succeeded" },
    });
    return { status: existing === undefined ? 201 : 200, body: saved };
  },
  /** Takes all that is in it along, as Azure does: an account's tables too. */
  delete: async ({ state, target, accounts, cosmos }) => {
    if (state.get(target.id) === undefined) throw groupNotFound(target.resourceGroup);
    for (const resource of state.below(target.id)) {
      if (resource.type === COSMOS_TYPE) {
        const played = cosmos.get(resource.name);
        for (const table of played?.listTables() ?? []) played?.deleteTable(table);
      }
      const account = accounts.get(resource.name);
      if (account === undefined || resource.type !== "Microsoft.Storage/storageAccounts") continue;
      for (const table of await account.listTables()) await account.deleteTable(table);
    }
    state.delete(target.id);
    return { status: 200 };
  },
  list: ({ state, target }) => {
    const prefix = `/subscriptions/${target.subscription}`;
    const groups = state.below(prefix).filter(({ type }) => type === "Microsoft.Resources/resourceGroups");
    return { status: 200, body: { value: groups } };
  },
};
