import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type * as pulumi from "@pulumi/pulumi";

import { nodeFile } from "../../components/host/vmHost";
import {
  hidesInSecrets, record, reveal, runIndex, type Answers, type Recorded, type Recording,
} from "../components/recorder";
import { GUID, part, written, type Written } from "../components/written";

const MACHINE = "dddddddd-0000-4000-8000-000000000001";
const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${"A".repeat(48)}`;
const NAMED = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/deployer";
const SUBNET = "/ids/host-subnet";
const ROLES = { secrets: "4633458b-17de-408a-b874-0445c86b69e6", blobs: "ba92f5b4-2d11-453d-a403-e96b0029c9fe" };
const OUTPUTS = {
  "managedidentity:UserAssignedIdentity": { principalId: MACHINE, clientId: "client-1" },
  "storage:StorageAccount": { name: "landbridgehost1a2b3c4d" },
  "compute:VirtualMachine": { name: "host-vm-machine1a2b3c4d" },
  "landbridge:HostReport": {
    verdict: "equal", summary: "equal", tableSummaries: [], reportPath: "r.json", verifiedAt: "2026-01-01T00:00:00Z",
  },
};

type Run = Recording & { readonly outputs: Readonly<Record<string, pulumi.Output<unknown> | undefined>> };

/** Loading the program takes seconds, and on a busy machine many. */
jest.setTimeout(240_000);

let folder: string;
let brought: string;
const NODE = "not node, and only brought along";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "landbridge-vm-"));
  brought = join(folder, "node.tar.gz");
  writeFileSync(brought, NODE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vm = (changes: Written = {}): Written => {
  return { kind: "vm", adminPublicKey: KEY, nodeFile: brought, nodeSha256: sha256(NODE), ...changes };
};
const environment = { ipRanges: ["203.0.113.7"], subnetIds: [NAMED], sasIpRange: "any" };

/** Runs index.ts as a stack with a machine would. */
async function run(host: Written = {}, changes: Written = {}, answers: Answers = {}): Promise<Run> {
  const migration = written({ runOn: "host", host: vm(host), environment, ...changes });
  let outputs: Run["outputs"] = {};
  const load = async () => void (outputs = await runIndex<Run["outputs"]>());
  const config = { "landbridge:migration": JSON.stringify(migration) };
  const calls = {
    "azure-native:cosmosdb:listDatabaseAccountKeys": { primaryMasterKey: "one", secondaryMasterKey: "two" },
  };
  const recording = await record(load, { ...answers, config, outputs: OUTPUTS, calls });
  return { ...recording, outputs };
}

const commandOf = (recording: Recording, step: string) => recording.one("ByVirtualMachine", `host-vm-${step}`);
const scriptOf = (command: Recorded) => String((reveal(command.inputs["source"]) as { script: string }).script);

describe("a machine near the data", () => {
  let made: Run;
  beforeAll(async () => void (made = await run()));

  test("has no public address, no password, an identity, and nothing comes in", () => {
    expect(made.all(":PublicIPAddress")).toEqual([]);
    expect(made.all(":NatGateway")).toEqual([]);
    const { ipConfigurations: [inside] } = made.one(":NetworkInterface").inputs as {
      ipConfigurations: [Record<string, unknown>];
    };
    expect(inside["subnet"]).toEqual({ id: SUBNET });
    expect(Object.keys(inside)).not.toContain("publicIPAddress");
    const { securityRules } = made.one(":NetworkSecurityGroup").inputs;
    expect(securityRules).toEqual([expect.objectContaining({
      direction: "Inbound", access: "Deny", protocol: "*", sourceAddressPrefix: "*", destinationPortRange: "*",
    })]);
    const machine = made.one(":VirtualMachine").inputs;
    expect(machine["identity"]).toEqual({ type: "UserAssigned", userAssignedIdentities: ["/ids/host-identity"] });
    const { osProfile } = machine as { osProfile: { linuxConfiguration: Record<string, unknown> } };
    expect(osProfile.linuxConfiguration).toMatchObject({ disablePasswordAuthentication: true });
    expect(JSON.stringify(osProfile)).not.toContain("adminPassword");
    expect(machine["diagnosticsProfile"]).toEqual({ bootDiagnostics: { enabled: true } });
    expect(machine["storageProfile"]).toMatchObject({
      imageReference: { publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server", version: "latest" },
      osDisk: { deleteOption: "Delete" },
    });
  });

  test("reaches its services by endpoints alone, and the internet through a gateway where that is asked", async () => {
    const services = (recording: Recording) => {
      const { serviceEndpoints } = recording.one(":Subnet").inputs as { serviceEndpoints: { service: string }[] };
      return serviceEndpoints.map(({ service }) => service);
    };
    expect(services(made)).toEqual(["Microsoft.Storage.Global", "Microsoft.KeyVault"]);
    expect(made.one(":Subnet").inputs).toMatchObject({
      defaultOutboundAccess: false, networkSecurityGroup: { id: "/ids/host-security" },
    });
    const cosmos = part("destination", { kind: "cosmos", account: "fabrikam-tables" })["destination"];
    const nodeUrl = "https://nodejs.org/dist/node.tar.gz";
    const other = await run({ internet: "nat", nodeFile: undefined, nodeUrl }, { destination: cosmos });
    expect(services(other)).toContain("Microsoft.AzureCosmosDB");
    expect(other.one(":Subnet").inputs["natGateway"]).toEqual({ id: "/ids/host-gateway" });
    expect(other.one(":NatGateway").inputs["publicIpAddresses"]).toEqual([{ id: "/ids/host-gateway-address" }]);
    expect(scriptOf(commandOf(other, "install"))).toContain(`openly '${nodeUrl}'`);
    // By sign-in there: the machine's identity has the role on the tables, too.
    const role = other.one(":TableResourceTableRoleAssignment", "migration-access-destination-role-host");
    expect(JSON.stringify(role.inputs)).toContain(MACHINE);
  });

  test("stands in a subnet that is there already where one is named, and nothing of a network is made", async () => {
    const theirs = NAMED.replace("deployer", "theirs");
    const other = await run({ subnetId: theirs });
    const made = other.resources.filter(({ type }) => type.startsWith("azure-native:network:"));
    expect(made.map(({ name }) => name)).toEqual(["host-vm-card"]);
    expect(JSON.stringify(made[0]?.inputs)).toContain(theirs);
    const opening = other.one(":NetworkOpening", "migration-access-destination-opening");
    expect(opening.inputs["subnetIds"]).toEqual([NAMED, theirs]);
  });

  test("is switched off every day by a schedule that Azure knows by its name", () => {
    expect(made.one(":GlobalSchedule").inputs).toMatchObject({
      name: "shutdown-computevm-host-vm-machine1a2b3c4d",
      status: "Enabled",
      taskType: "ComputeVmShutdownTask",
      dailyRecurrence: { time: "2300" },
      timeZoneId: "UTC",
      targetResourceId: "/ids/host-vm-machine",
    });
  });

  test("is let in by its subnet on both sides and in the vault, and access waits for the subnet", () => {
    for (const side of ["source", "destination"]) {
      const opening = made.one(":NetworkOpening", `migration-access-${side}-opening`);
      expect(opening.inputs["subnetIds"]).toEqual([NAMED, SUBNET]);
      expect(opening.propertyDependencies["subnetIds"]).toContain(made.one(":Subnet").urn);
      expect(made.one(":TableSas", `migration-access-${side}-sas`).dependencies).toContain(opening.urn);
    }
    const acls = JSON.stringify(made.one("keyvault:Vault").inputs);
    expect(acls).toContain(SUBNET);
    expect(acls).toContain(NAMED);
  });

  test("has the role on the vault, and on the exchange, before it is told anything", () => {
    const onVault = made.one(":RoleAssignment", "landbridge-reader-host");
    const onExchange = made.one(":RoleAssignment", "host-vm-exchange-machine");
    expect(onVault.inputs).toMatchObject({ principalId: MACHINE });
    expect(onVault.inputs["roleDefinitionId"]).toMatch(ROLES.secrets);
    expect(onExchange.inputs).toMatchObject({ principalId: MACHINE, scope: "/ids/host-vm-exchange-container" });
    expect(onExchange.inputs["roleDefinitionId"]).toMatch(ROLES.blobs);
    const secrets = made.all("keyvault:Secret").map(({ urn }) => urn);
    expect(secrets).toHaveLength(2);
    for (const step of ["install", "copy", "verify"]) {
      const { dependencies } = commandOf(made, step);
      expect(dependencies).toEqual(expect.arrayContaining([onVault.urn, onExchange.urn, ...secrets]));
    }
  });

  test("is told to install, to copy and to verify, in this order, and a failure there fails the run", () => {
    expect(commandOf(made, "copy").dependencies).toContain(commandOf(made, "install").urn);
    expect(commandOf(made, "verify").dependencies).toContain(commandOf(made, "copy").urn);
    for (const step of ["install", "copy", "verify"]) {
      expect(commandOf(made, step).inputs).toMatchObject({
        treatFailureAsDeploymentFailure: true, asyncExecution: false, vmName: "host-vm-machine1a2b3c4d",
      });
    }
    expect(scriptOf(commandOf(made, "copy"))).toContain("'copy' '--tables' 'Cities'");
    expect(scriptOf(commandOf(made, "verify"))).toContain("'verify' '--tables' 'Cities' '--verify' 'full'");
    expect(scriptOf(commandOf(made, "verify"))).toContain("AZURE_CLIENT_ID='client-1' ");
  });

  test("is told no secret: no credential in any input of its own, none outside of Pulumi's secrets", () => {
    const own = made.resources.filter(({ name, custom }) => custom && name.startsWith("host"));
    expect(own.length).toBeGreaterThan(12);
    for (const { inputs } of own) {
      expect(JSON.stringify(inputs)).not.toContain("TOPSECRET");
      expect(hidesInSecrets(inputs, "TOPSECRET")).toBe(true);
    }
    expect(commandOf(made, "copy").inputs["protectedParameters"]).toBeUndefined();
    expect(scriptOf(commandOf(made, "copy"))).toContain("LANDBRIDGE_SOURCE_VAULT='https://landbridge1a2b3c4d.vault");
  });

  test("writes its reports into the exchange as itself, and HostReport is told where, and of which tenant", () => {
    const base = "https://landbridgehost1a2b3c4d.blob.core.windows.net/landbridge";
    const uris = ["copy", "verify"].map((step) => {
      const { inputs } = commandOf(made, step);
      expect(inputs["outputBlobManagedIdentity"]).toEqual({ clientId: "client-1" });
      expect(inputs["errorBlobManagedIdentity"]).toEqual({ clientId: "client-1" });
      return String(inputs["outputBlobUri"]);
    });
    // The same run has the same names: Azure runs no command again that did not change.
    expect(commandOf(made, "copy").inputs["runCommandName"]).toBe("landbridge-copy-20260101T000000-abcdef");
    const report = made.one("HostReport").inputs;
    expect(report["outcomes"]).toEqual(uris);
    expect(uris.map((uri) => uri.startsWith(`${base}/`))).toEqual([true, true]);
    expect(report["tenantId"]).toBe(GUID);
  });

  test("gets its files through an account that lets in who deploys and the machine, with TLS 1.2 and an audit", () => {
    const account = made.one("storage:StorageAccount", "landbridgehost").inputs;
    expect(account).toMatchObject({
      minimumTlsVersion: "TLS1_2",
      allowBlobPublicAccess: false,
      networkRuleSet: {
        defaultAction: "Deny",
        ipRules: [{ iPAddressOrRange: "203.0.113.7" }],
        virtualNetworkRules: [{ virtualNetworkResourceId: NAMED }, { virtualNetworkResourceId: SUBNET }],
      },
    });
    expect(made.all("storage:Blob").map(({ inputs }) => inputs["blobName"])).toEqual([
      expect.stringMatching(/^landbridge-[0-9a-f]{12}\.tar$/), "node.tar.gz",
    ]);
    expect(made.one(":DiagnosticSetting", "host-vm-exchange-audit").inputs["resourceUri"])
      .toBe("/ids/landbridgehost/blobServices/default");
  });

  test("goes when access does, with all that was made for it, and nothing of it is kept or protected", async () => {
    const own = made.resources.filter(({ name }) => name.startsWith("host") || name === "landbridgehost");
    expect(own.filter(({ retainOnDelete, protect }) => retainOnDelete || protect)).toEqual([]);
    const closed = await run({}, { temporaryAccess: "closed" });
    expect(closed.resources.filter(({ type }) => /:(compute|network|devtestlab):/.test(type))).toEqual([]);
    expect(closed.all("UserAssignedIdentity")).toEqual([]);
    expect(closed.one("HostReport").inputs).toMatchObject({ frozen: true, outcomes: [] });
  });

  test("is declared by a preview too", async () => {
    const preview = await run({}, {}, { preview: true });
    expect(preview.all("ByVirtualMachine")).toHaveLength(3);
  });

  test("brings no file that is not the one that was named", () => {
    expect(nodeFile({ kind: "file", path: brought, sha256: sha256(NODE) })).toBe(brought);
    expect(() => nodeFile({ kind: "file", path: brought, sha256: "0".repeat(64) }))
      .toThrow(/node\.tar\.gz has sha256 [0-9a-f]{64}, and 0{64} was named\. Fetch the file again/);
    expect(() => nodeFile({ kind: "file", path: join(folder, "none.tar.gz"), sha256: sha256(NODE) }))
      .toThrow(/none\.tar\.gz is not there\. Fetch Node/);
  });
});
