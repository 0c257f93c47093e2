import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { asList, asObject, isAzure, known } from "./values";

const AUDITED = ["storage:StorageAccount", "cosmosdb:DatabaseAccount"];
const TARGETS = ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"];

function isOn({ props }: PolicyResource): boolean {
  const logs = known(() => asList(props["logs"])) ?? [];
  return logs.some((log) => asObject(log)["enabled"] === true) && TARGETS.some((target) => target in props);
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
    const settings = resources.filter(({ type }) => isAzure(type, "monitor:DiagnosticSetting")).filter(isOn);
    const accounts = resources.filter(({ type }) => AUDITED.some((name) => isAzure(type, name)));
    for (const account of accounts.filter((each) => !settings.some((setting) => isFor(setting, each)))) {
      const remedy = "Declare one that goes to a workspace.";
      report(`No diagnostic setting with logs is on for ${account.name}. ${remedy}`, account.urn);
    }
  },
};
