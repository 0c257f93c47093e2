import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { isAzure, isExchange, known } from "./values";

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

const GROUP = "resources:ResourceGroup";

/** With a resource group, Azure deletes all that is in it. */
function holds(group: PolicyResource, { props, propertyDependencies }: PolicyResource): boolean {
  if ((propertyDependencies["resourceGroupName"] ?? []).some(({ urn }) => urn === group.urn)) return true;
  const name = known(() => group.props["resourceGroupName"] as unknown);
  return name !== undefined && known(() => props["resourceGroupName"] as unknown) === name;
}

export const destinationRetained: StackValidationPolicy = {
  name: "destination-retained",
  description: "A destroy leaves accounts and tables of the destination where they are.",
  validateStack: ({ resources }, report) => {
    const accounts = resources
      .filter(({ type }) => KEPT.some((name) => isAzure(type, name)))
      .filter((account) => !isExchange(account));
    const groups = resources.filter(({ type }) => isAzure(type, GROUP));
    const kept = [...accounts, ...groups.filter((group) => accounts.some((account) => holds(group, account)))];
    for (const resource of kept.filter((each) => !isRetained(each))) {
      const remedy = "Set destroyDestination to false, or protect it.";
      report(`A destroy would delete ${resource.name} and the rows in it. ${remedy}`, resource.urn);
    }
  },
};
