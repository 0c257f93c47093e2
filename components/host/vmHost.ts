import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import * as compute from "@pulumi/azure-native/compute";
import * as devtestlab from "@pulumi/azure-native/devtestlab";
import * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import type { NodeSource, VmHostConfiguration } from "../config/host";
import { copyArguments, verifyArguments, type HostMoveSettings } from "./arguments";
import type { HostBundle } from "./bundle";
import { VmExchange } from "./vmExchange";
import type { VmGround } from "./vmGround";
import { installScript, stepScript, type Brought } from "./vmScripts";

/** Where a machine is made, and for whom. */
export interface VmPlace {
  readonly ground: VmGround;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Networks of those who deploy. */
  readonly ipRanges: readonly string[];
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** The vault with the identity's role on it: the machine is told nothing before. */
  readonly vault: pulumi.Resource;
  /** Log Analytics workspace of the exchange's audit trail; absent: it has none. */
  readonly workspaceId: pulumi.Input<string> | undefined;
}

export interface VmHostArgs extends HostMoveSettings {
  readonly host: VmHostConfiguration;
  readonly place: VmPlace;
  readonly bundle: HostBundle;
  /** Tells runs apart: a new one is a new run on the machine. */
  readonly runId: pulumi.Input<string>;
  /** Side -> address of the vault's secret. */
  readonly secretUris: pulumi.Input<Readonly<Record<string, string>>>;
}

const ADMINISTRATOR = "landbridge";
/** A copy may take long, and a machine that hangs must not be waited for without end. */
const RUN_SECONDS_MAX = 86_400;
const INSTALL_SECONDS_MAX = 1_800;

/** The file with Node, as an absolute path; throws where it is not there, or another one than was said. */
export function nodeFile({ path, sha256 }: Extract<NodeSource, { kind: "file" }>): string {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new pulumi.RunError(`host.nodeFile: ${path} is not there. Fetch Node for Linux to it, or correct the path.`);
  }
  const actual = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (actual === sha256) return file;
  const remedy = "Fetch the file again, or correct host.nodeSha256 (SHASUMS256.txt beside it has it).";
  throw new pulumi.RunError(`host.nodeFile: ${path} has sha256 ${actual}, and ${sha256} was named. ${remedy}`);
}

function imageOf(image: string): { publisher: string; offer: string; sku: string; version: string } {
  const [publisher = "", offer = "", sku = "", version = ""] = image.split(":");
  return { publisher, offer, sku, version };
}

/**
 * A machine near the data that copies and verifies, told by run commands: it has no public address, no password, and
 * nothing comes in. The address of each step's report is an outcome for a HostReport. All of it goes when access does.
 */
export class VmHost extends pulumi.ComponentResource {
  readonly outcomes: readonly [copy: pulumi.Output<string>, verify: pulumi.Output<string>];

  constructor(name: string, args: VmHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:host:VmHost", name, {}, opts);
    const { host: { location, nodeSource }, place, bundle } = args;
    const archive = basename(bundle.file);
    const brought = nodeSource.kind === "file" ? nodeFile(nodeSource) : undefined;
    const exchange = new VmExchange(
      `${name}-exchange`,
      {
        ...place,
        location,
        subnetIds: [...place.subnetIds, place.ground.subnetId],
        principalId: place.ground.identity.principalId,
        files: { [archive]: bundle.file, ...(brought !== undefined && { "node.tar.gz": brought }) },
      },
      { parent: this },
    );
    const machine = this.machine(name, args);
    const install = this.install(name, args, machine, exchange, archive);
    const copy = this.step(`${name}-copy`, { ...args, step: "copy", archive }, machine, exchange, install);
    const verify = this.step(`${name}-verify`, { ...args, step: "verify", archive }, machine, exchange, copy.command);
    this.outcomes = [copy.report, verify.report];
    this.registerOutputs({});
  }

  private machine(name: string, { host, place }: VmHostArgs): compute.VirtualMachine {
    const own = { parent: this };
    const { location } = host;
    const { ground, resourceGroupName } = place;
    const card = new network.NetworkInterface(
      `${name}-card`,
      {
        resourceGroupName,
        location,
        ipConfigurations: [{
          name: "inside",
          privateIPAllocationMethod: "Dynamic",
          subnet: { id: ground.subnetId },
        }],
      },
      own,
    );
    const machine = new compute.VirtualMachine(
      `${name}-machine`,
      {
        resourceGroupName,
        location,
        hardwareProfile: { vmSize: host.size },
        identity: { type: "UserAssigned", userAssignedIdentities: [ground.identity.id] },
        networkProfile: { networkInterfaces: [{ id: card.id, primary: true, deleteOption: "Delete" }] },
        osProfile: {
          computerName: "landbridge",
          adminUsername: ADMINISTRATOR,
          linuxConfiguration: {
            disablePasswordAuthentication: true,
            ssh: {
              publicKeys: [{ path: `/home/${ADMINISTRATOR}/.ssh/authorized_keys`, keyData: host.adminPublicKey }],
            },
          },
        },
        storageProfile: {
          imageReference: imageOf(host.image),
          // The disk goes with the machine.
          osDisk: {
            createOption: "FromImage",
            deleteOption: "Delete",
            managedDisk: { storageAccountType: "StandardSSD_LRS" },
          },
        },
        // Azure keeps the console's text itself.
        diagnosticsProfile: { bootDiagnostics: { enabled: true } },
      },
      own,
    );
    this.shutDown(name, host, place, machine);
    return machine;
  }

  /** Azure takes the schedule for the machine's by its name. */
  private shutDown(name: string, host: VmHostConfiguration, place: VmPlace, machine: compute.VirtualMachine): void {
    new devtestlab.GlobalSchedule(
      `${name}-shutdown`,
      {
        name: pulumi.interpolate`shutdown-computevm-${machine.name}`,
        resourceGroupName: place.resourceGroupName,
        location: host.location,
        status: "Enabled",
        taskType: "ComputeVmShutdownTask",
        dailyRecurrence: { time: host.shutDownAt },
        timeZoneId: host.timeZone,
        notificationSettings: { status: "Disabled" },
        targetResourceId: machine.id,
      },
      { parent: this },
    );
  }

  private install(
    name: string,
    args: VmHostArgs,
    machine: compute.VirtualMachine,
    exchange: VmExchange,
    archive: string,
  ): compute.VirtualMachineRunCommandByVirtualMachine {
    const { bundle: { sha256 }, host: { nodeSource }, place: { ground } } = args;
    const script = pulumi.all([exchange.address, ground.identity.clientId]).apply(([address, clientId]) => {
      const bundle: Brought = { name: archive, url: `${address}/${archive}`, sha256, signedIn: true };
      const node: Brought = nodeSource.kind === "file"
        ? { name: "node.tar.gz", url: `${address}/node.tar.gz`, sha256: nodeSource.sha256, signedIn: true }
        : { name: "node.tar.gz", url: nodeSource.url, sha256: nodeSource.sha256, signedIn: false };
      return installScript({ clientId, bundle, node });
    });
    // Another bundle is another command: Azure runs each once.
    const called = `landbridge-install-${sha256.slice(0, 12)}-${nodeSource.sha256.slice(0, 12)}`;
    return this.command(`${name}-install`, called, args, machine, {
      script,
      secondsMax: INSTALL_SECONDS_MAX,
      dependsOn: [...exchange.ready, args.place.vault],
    });
  }

  private step(
    name: string,
    args: VmHostArgs & { readonly step: "copy" | "verify"; readonly archive: string },
    machine: compute.VirtualMachine,
    exchange: VmExchange,
    after: pulumi.Resource,
  ): { readonly command: pulumi.Resource; readonly report: pulumi.Output<string> } {
    const { step, archive, runId, bundle, secretUris, place } = args;
    const told = step === "copy" ? copyArguments(args) : verifyArguments(args);
    const known = pulumi.all([secretUris, place.ground.identity.clientId, runId]);
    const script = known.apply(([uris, clientId, id]) => stepScript({
      archive,
      sha256: bundle.sha256,
      runId: id,
      step,
      args: told,
      vault: { source: uris["source"] ?? "", destination: uris["destination"] ?? "" },
      clientId,
    }));
    const { clientId } = place.ground.identity;
    const blob = pulumi.interpolate`${exchange.address}/${runId}-${step}`;
    const command = this.command(name, pulumi.interpolate`landbridge-${step}-${runId}`, args, machine, {
      script,
      secondsMax: RUN_SECONDS_MAX,
      dependsOn: [...exchange.ready, place.vault, after],
      // What Azure keeps of a command's output are its last 4096 bytes.
      into: {
        outputBlobUri: pulumi.interpolate`${blob}.json`,
        outputBlobManagedIdentity: { clientId },
        errorBlobUri: pulumi.interpolate`${blob}.log`,
        errorBlobManagedIdentity: { clientId },
      },
    });
    // Nobody looks for it before the command is through.
    return { command, report: pulumi.all([command.id, blob]).apply(([, address]) => `${address}.json`) };
  }

  private command(
    name: string,
    runCommandName: pulumi.Input<string>,
    { host: { location }, place: { resourceGroupName } }: VmHostArgs,
    machine: compute.VirtualMachine,
    told: {
      readonly script: pulumi.Output<string>;
      readonly secondsMax: number;
      readonly dependsOn: pulumi.Resource[];
      readonly into?: Partial<compute.VirtualMachineRunCommandByVirtualMachineArgs>;
    },
  ): compute.VirtualMachineRunCommandByVirtualMachine {
    return new compute.VirtualMachineRunCommandByVirtualMachine(
      name,
      {
        resourceGroupName,
        location,
        vmName: machine.name,
        runCommandName,
        source: { script: told.script },
        asyncExecution: false,
        timeoutInSeconds: told.secondsMax,
        // Without it, a script that fails is a command that succeeded.
        treatFailureAsDeploymentFailure: true,
        ...told.into,
      },
      { parent: this, dependsOn: told.dependsOn, customTimeouts: { create: "25h", update: "25h" } },
    );
  }
}
