import { basename } from "node:path";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SshHostConfiguration } from "../config/host";
import type { HostKeys } from "../config/hostSecrets";
import { copyArguments, verifyArguments, type HostMoveSettings } from "./arguments";
import type { HostBundle } from "./bundle";
import { connectionTo } from "./connection";
import { prepareScript, removeScript, runScript } from "./scripts";

export interface SshHostArgs extends HostMoveSettings {
  readonly host: SshHostConfiguration;
  readonly keys: HostKeys;
  readonly bundle: HostBundle;
  /** Tells runs apart: a new one is a new run on the host. */
  readonly runId: pulumi.Input<string>;
  /** Both credentials as JSON, `{source, destination}`. Secret. */
  readonly credentials: pulumi.Input<string>;
  /** Side -> address of the vault's secret, for a host that reads it itself. */
  readonly secretUris: pulumi.Input<Readonly<Record<string, string>>> | undefined;
  /** The vault with the reader's role on it: a host that reads from it is told nothing before. */
  readonly vault?: pulumi.Resource | undefined;
}

/** `landbridge-PROJECT-STACK`: two stacks on one host do not meet. */
function folderOf(project: string, stack: string): string {
  return `landbridge-${project}-${stack}`.replaceAll(/[^\w.-]/g, "-");
}

/**
 * Copies and verifies on a host that SSH reaches: makes a folder, brings landbridge, runs it there. The folder is gone
 * once this is deleted. What each run printed is an outcome for a HostReport.
 */
export class SshHost extends pulumi.ComponentResource {
  readonly outcomes: readonly [copy: pulumi.Output<string>, verify: pulumi.Output<string>];

  constructor(name: string, args: SshHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:host:SshHost", name, {}, opts);
    const { host, keys, bundle } = args;
    const folder = host.folder ?? folderOf(pulumi.getProject(), pulumi.getStack());
    const connection = connectionTo(host, keys);
    // Another place is another folder: the old one is removed there, before the new one is made.
    const triggers = [host.address, host.port, host.user, folder];
    const place = { folder, node: host.node };
    const prepared = new remote.Command(
      `${name}-folder`,
      {
        connection,
        triggers,
        create: prepareScript(place),
        delete: removeScript(place),
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    const archive = basename(bundle.file);
    const brought = new remote.CopyToRemote(
      `${name}-bundle`,
      {
        connection,
        triggers: [...triggers, bundle.sha256],
        source: new pulumi.asset.FileAsset(bundle.file),
        remotePath: `${folder}/${archive}`,
      },
      { parent: this, dependsOn: [prepared], deleteBeforeReplace: true },
    );
    const run = (step: "copy" | "verify", told: readonly string[], after: pulumi.Resource) =>
      this.run(`${name}-${step}`, { ...args, connection, step, told, archive, place }, [brought, after]);
    const copy = run("copy", copyArguments(args), brought);
    const verify = run("verify", verifyArguments(args), copy);
    this.outcomes = [copy.stdout, verify.stdout];
    this.registerOutputs({});
  }

  private run(
    name: string,
    args: SshHostArgs & {
      readonly connection: ReturnType<typeof connectionTo>;
      readonly step: "copy" | "verify";
      readonly told: readonly string[];
      readonly archive: string;
      readonly place: { readonly folder: string; readonly node: string };
    },
    after: readonly pulumi.Resource[],
  ): remote.Command {
    const { host, connection, bundle, runId, credentials, secretUris, vault, step, told, archive, place } = args;
    const fromVault = host.credentials === "vault";
    const script = pulumi.all([fromVault ? secretUris : undefined, runId]).apply(([uris, id]) => runScript({
      ...place,
      archive,
      sha256: bundle.sha256,
      runId: id,
      step,
      args: told,
      ...(uris !== undefined && { vault: { source: uris["source"] ?? "", destination: uris["destination"] ?? "" } }),
    }));
    const dependsOn = [...after, ...(fromVault && vault !== undefined ? [vault] : [])];
    return new remote.Command(
      name,
      {
        connection,
        create: script,
        ...(fromVault ? {} : { stdin: pulumi.secret(credentials) }),
        // Progress is for people, on standard error; standard output is the report.
        logging: remote.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      // No timeout of Pulumi's own default is right for a copy.
      { parent: this, dependsOn, additionalSecretOutputs: ["stdin"], customTimeouts: { create: "24h", update: "24h" } },
    );
  }
}
