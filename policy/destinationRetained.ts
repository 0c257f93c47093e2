import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { isAzure, known } from "./values";

const KEPT = ["storage:StorageAccount", "storage:Table", "cosmosdb:DatabaseAccount", "cosmosdb:TableResourceTable"];
const DESTINATIONS = ["landbridge:azure:StorageDestination", "landbridge:azure:CosmosDestination"];

/** Pulumi does not tell policies of retainOnDelete; the destination's component says whether it keeps what it holds. */
function isRetained(resource: PolicyResource): boolean {
  if (resource.opts.protect) return true;
  for (let above = resource.parent; above !== undefined; above = above.parent) {
    if (!DESTINATIONS.includes(above.type)) continue;
    const { props } = above;
    return known(() => props["destroyDestination"] as unknown) === false;
  }
  return false;
}

export const destinationRetained: StackValidationPolicy = {
  name: "destination-retained",
  description: "A destroy leaves accounts and tables of the destination where they are.",
  validateStack: ({ resources }, report) => {
    const kept = resources.filter(({ type }) => KEPT.some((name) => isAzure(type, name)));
    for (const resource of kept.filter((each) => !isRetained(each))) {
      const remedy = "Set destroyDestination to false, or protect it.";
      report(`A destroy would delete ${resource.name} and the rows in it. ${remedy}`, resource.urn);
    }
  },
};
