import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as pulumi from "@pulumi/pulumi";

export interface ScheduleIdentityArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
}

/** The identity of a scheduled job. It comes before the access that it is granted, and the job after that. */
export class ScheduleIdentity extends pulumi.ComponentResource {
  /** Resource id. */
  readonly id: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly principalId: pulumi.Output<string>;

  constructor(name: string, args: ScheduleIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:ScheduleIdentity", name, {}, opts);
    const { resourceGroupName, location } = args;
    const identity = new managedidentity.UserAssignedIdentity(
      `${name}-identity`,
      { resourceName: "landbridge-sync", resourceGroupName, location },
      { parent: this },
    );
    this.id = identity.id;
    this.clientId = identity.clientId;
    this.principalId = identity.principalId;
    this.registerOutputs({ id: this.id, clientId: this.clientId, principalId: this.principalId });
  }
}
