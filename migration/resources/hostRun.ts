import * as pulumi from "@pulumi/pulumi";
import { shim } from "./shim";

export interface HostRunArgs {
  /** All that the host is told, as text: another one is another run. Holds no secret. */
  readonly asks: pulumi.Input<string>;
  /** Any new text asks for another run. Leaving it out again asks for nothing. */
  readonly again?: pulumi.Input<string>;
  /** The step whose report has the last word: a run that did not end well is run again. */
  readonly lastStep: pulumi.Input<"verify">;
  /** Where its HostReport keeps reports, relative to the project. */
  readonly reportFolder: pulumi.Input<string>;
  /** Both credentials, where the host is given them. Secret. */
  readonly source?: pulumi.Input<string>;
  readonly destination?: pulumi.Input<string>;
}

/**
 * When a host is to run again: what it is told stays the same until then. Deleting it does nothing.
 */
export class HostRun extends pulumi.dynamic.Resource {
  /** Tells runs apart; letters, digits and hyphens. */
  public declare readonly runId: pulumi.Output<string>;
  /** JSON, `{source, destination}`, as they were when the run was decided on. Secret. */
  public declare readonly credentials: pulumi.Output<string>;

  constructor(name: string, args: HostRunArgs, opts?: pulumi.CustomResourceOptions) {
    const { source, destination, ...told } = args;
    const props = {
      runId: undefined,
      credentials: undefined,
      ...told,
      ...(source !== undefined && { source: pulumi.secret(source) }),
      ...(destination !== undefined && { destination: pulumi.secret(destination) }),
    };
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["credentials"] });
    super(shim("hostRun"), name, props, secret, "landbridge", "HostRun");
  }
}
