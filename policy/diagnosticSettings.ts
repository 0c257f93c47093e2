import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { asList, asObject, isAzure, isExchange, known } from "./values";

const AUDITED = ["storage:StorageAccount", "cosmosdb:DatabaseAccount"];
const TARGETS = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"];

interface Trail {
  readonly allOf: readonly string[];
  /** Groups of categories that stand for all of them. */
  readonly groups: readonly string[];
}

/** What a service writes of every request: alternatives, each of which will do. */
const TRAILS: Readonly<Record<string, readonly Trail[]>> = {
  StorageAccount: [{ allOf: ["StorageRead", "StorageWrite", "StorageDelete"], groups: ["allLogs", "audit"] }],
  DatabaseAccount: [
    { allOf: ["TableApiRequests"], groups: ["allLogs"] }, { allOf: ["DataPlaneRequests"], groups: ["allLogs"] },
  ],
};

const trailsOf = ({ type }: PolicyResource) => TRAILS[type.split(":")[2] ?? ""] ?? [];

function writes({ props }: PolicyResource, account: PolicyResource): boolean {
  const logs = (known(() => asList(props["logs"])) ?? []).map(asObject).filter(({ enabled }) => enabled === true);
  const on = new Set(logs.flatMap(({ category, categoryGroup }) => [category, categoryGroup]));
  const isWhole = ({ allOf, groups }: Trail) =>
    groups.some((group) => on.has(group)) || allOf.every((category) => on.has(category));
  return TARGETS.some((target) => target in props) && trailsOf(account).some(isWhole);
}

/** Logs of a storage account are those of one of its services. */
function isOfItsRows({ props }: PolicyResource, account: PolicyResource): boolean {
  if (!isAzure(account.type, "storage:StorageAccount")) return true;
  const uri = known(() => props["resourceUri"] as unknown);
  return uri === undefined || /\/tableServices\//i.test(String(uri));
}

/** In a preview an account's id is not known yet; that the setting waits for the account is. */
function isFor(setting: PolicyResource, account: PolicyResource): boolean {
  const waited = setting.propertyDependencies["resourceUri"] ?? [];
  if (waited.some(({ urn }) => urn === account.urn)) return true;
  const uri = String(known(() => setting.props["resourceUri"] as unknown) ?? "").toLowerCase();
  const name = String(known(() => account.props["accountName"] as unknown) ?? "").toLowerCase();
  return name !== "" && uri.split("/").includes(name);
}

export const diagnosticSettingsOn: StackValidationPolicy = {
  name: "diagnostic-settings-on",
  description: "Every account that the stack makes writes down who read, wrote and deleted rows.",
  validateStack: ({ resources }, report) => {
    const settings = resources.filter(({ type }) => isAzure(type, "monitor:DiagnosticSetting"));
    // No row is ever in an exchange, and beside an account that was there the stack has no workspace.
    const accounts = resources
      .filter(({ type }) => AUDITED.some((name) => isAzure(type, name)))
      .filter((account) => !isExchange(account));
    const isAudited = (account: PolicyResource) => settings.some((setting) =>
      isFor(setting, account) && isOfItsRows(setting, account) && writes(setting, account));
    for (const account of accounts.filter((each) => !isAudited(each))) {
      const needed = trailsOf(account).map(({ allOf }) => allOf.join(", ")).join(" or ");
      const remedy = `Declare one for its tables that sends ${needed} to a workspace.`;
      report(`No diagnostic setting with these logs is on for ${account.name}. ${remedy}`, account.urn);
    }
  },
};
