import * as operationalinsights from "@pulumi/azure-native/operationalinsights";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";

/** What any destination stands on: a resource group, and a workspace for its logs. */
export interface DestinationGroundArgs {
  readonly account: AccountRef;
  readonly location: string;
  readonly existing?: "nothing" | "resourceGroup" | "account";
  readonly workspaceId?: pulumi.Input<string>;
  readonly logRetentionDays?: number;
}

/** The group's name, known in previews; whatever uses it waits until the group is there. */
export function destinationGroup(
  name: string,
  args: DestinationGroundArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const resourceGroupName = args.account.resourceGroup;
  if (args.existing === "resourceGroup") return pulumi.output(resourceGroupName);
  const group = new resources.ResourceGroup(`${name}-group`, { resourceGroupName, location: args.location }, opts);
  return group.urn.apply(() => resourceGroupName);
}

/** The id of the workspace that is given, or of one that is made. Keeps logs 90 days where nothing else is said. */
export function destinationWorkspace(
  name: string,
  args: DestinationGroundArgs,
  resourceGroupName: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  if (args.workspaceId !== undefined) return pulumi.output(args.workspaceId);
  const workspace = new operationalinsights.Workspace(
    `${name}-logs`,
    {
      workspaceName: `${args.account.account}-logs`,
      resourceGroupName,
      location: args.location,
      sku: { name: operationalinsights.WorkspaceSkuNameEnum.PerGB2018 },
      retentionInDays: args.logRetentionDays ?? 90,
    },
    opts,
  );
  return workspace.id;
}
