import type * as pulumi from "@pulumi/pulumi";
import type { MigrationVault } from "./azure/migrationVault";
import type { EnvironmentConfiguration } from "./config";
import type { DestinationConfiguration } from "./config/destination";
import type { HostConfiguration } from "./config/host";
import { VmGround } from "./host/vmGround";
import type { VmPlace } from "./host/vmHost";

interface Around {
  readonly resourceGroupName: pulumi.Output<string>;
  readonly workspaceId: pulumi.Output<string> | undefined;
  readonly destination: DestinationConfiguration;
  readonly environment: EnvironmentConfiguration;
}

/** Declares what a machine that copies stands on. It comes before the access it is granted, and goes after that. */
export function declareHostGround(
  host: HostConfiguration | undefined,
  temporaryAccess: "open" | "closed",
  { resourceGroupName, destination }: Pick<Around, "resourceGroupName" | "destination">,
  opts: pulumi.ComponentResourceOptions,
): VmGround | undefined {
  if (host?.kind !== "vm" || temporaryAccess === "closed") return undefined;
  return new VmGround("host", { host, resourceGroupName, toCosmos: destination.kind === "cosmos" }, opts);
}

/** Subnets to let in: those that are named, and the machine's. */
export function subnetsOf(
  { subnetIds }: EnvironmentConfiguration,
  ground: VmGround | undefined,
): readonly pulumi.Input<string>[] {
  return ground === undefined ? subnetIds : [...subnetIds, ground.subnetId];
}

/** Where the machine is made; undefined where none is. */
export function hostPlace(
  ground: VmGround | undefined,
  vault: MigrationVault | undefined,
  { resourceGroupName, workspaceId, destination, environment }: Around,
): VmPlace | undefined {
  if (ground === undefined || vault === undefined) return undefined;
  const { subscriptionId, tenantId } = destination.account;
  const { ipRanges, subnetIds } = environment;
  return { ground, vault, resourceGroupName, workspaceId, subscriptionId, tenantId, ipRanges, subnetIds };
}
