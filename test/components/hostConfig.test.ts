import * as pulumi from "@pulumi/pulumi";
import { readConfiguration } from "../../components/config";
import { mistakes, parse, part, written, type Written } from "./written";

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${"A".repeat(48)}`;
const SSH = { kind: "ssh", address: "copy1.fabrikam.com", user: "mover", hostKey: KEY };
const VM = { kind: "vm", adminPublicKey: KEY, nodeFile: "node.tar.gz", nodeSha256: "a".repeat(64) };
const NAMED = { environment: { ipRanges: ["203.0.113.7"], sasIpRange: "any" } };
const on = (host: unknown, overrides: Written = {}) => written({ runOn: "host", host, ...overrides });
const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/copy";

describe("a stack that runs on a host", () => {
  test("has what is written, and defaults for the rest", () => {
    expect(parse(on(SSH)).host).toEqual({ ...SSH, port: 22, node: "node", credentials: "standardInput" });
    expect(parse(on({ ...SSH, jump: { address: "jump", user: "j", hostKey: KEY } })).host).toMatchObject({
      jump: { address: "jump", port: 22, user: "j", hostKey: KEY },
    });
    expect(parse(on(VM, NAMED)).host).toEqual({
      kind: "vm", location: "northeurope", size: "Standard_D2s_v5", addressSpace: "10.211.0.0/28", internet: "none",
      nodeSource: { kind: "file", path: "node.tar.gz", sha256: "a".repeat(64) }, adminPublicKey: KEY,
      image: "Canonical:ubuntu-24_04-lts:server:latest", shutDownAt: "2300", timeZone: "UTC",
    });
    expect(parse(written()).host).toBeUndefined();
  });

  test.each<[string, unknown, RegExp]>([
    ["no host", written({ runOn: "host" }), /host: is missing; it is the host that copies\. Write host\.kind/],
    ["a host for nothing", written({ host: SSH }), /host: has no effect with `runOn: local`\. Set runOn to host/],
    ["a word for runOn", written({ runOn: "cloud" }), /runOn: "cloud" is not one of local, host/],
    ["a kind", on({ ...SSH, kind: "bastion" }), /host\.kind: "bastion" is not one of ssh, vm/],
    ["no host key", on({ ...SSH, hostKey: undefined }), /host\.hostKey: is missing, and a host of kind ssh needs it/],
    ["a host key of RSA", on({ ...SSH, hostKey: "ssh-rsa AAAAB3Nza" }), /hostKey: "ssh-rsa AAAAB3Nza" is not/],
    ["a jump host without key", on({ ...SSH, jump: { address: "j", user: "u" } }), /host\.jump\.hostKey: is missing/],
    ["an unknown key of a jump host", on({ ...SSH, jump: { address: "j", user: "u", hostKey: KEY, prot: 1 } }),
      /host\.jump\.prot: this key is not known\. Did you mean `port`\?/],
    ["an unknown key", on({ ...SSH, adress: "x" }), /host\.adress: .*`address`\?/],
    ["a folder that leads out", on({ ...SSH, folder: "../x" }), /host\.folder: "\.\.\/x" is not a folder/],
    ["a folder that a shell would read", on({ ...SSH, folder: "x; rm" }), /host\.folder: "x; rm" is not a folder/],
    ["keys of the other kind", on({ ...SSH, size: "Standard_D2s_v5" }), /host\.size: is not of a host of kind ssh/],
    ["a phase", on(SSH, { phase: "sync" }),
      /phase: "sync" cannot be reached on a host.* Set runOn to local.* schedule of kind systemd or cron.* rests/],
    ["a filter", on(SSH, { tables: { Cities: { filter: "a gt 1" } } }), /Cities\.filter: "a gt 1" cannot be/],
    ["a table that merges", on(SSH, { tables: { Cities: { mode: "merge" } } }), /tables\.Cities\.mode: "merge" cannot/],
    ["no vault for a host that reads it", on({ ...SSH, credentials: "vault" }, { vault: false }),
      /vault: false leaves the host without its credentials.* Set it to true/],
    ["a machine on the emulators", on(VM, { cloud: "emulator" }), /host\.kind: vm is made in Azure only\. Write ssh/],
    ["a machine without Node", on({ ...VM, nodeFile: undefined }), /nodeFile: names Node for Linux.* of the two/],
    ["Node from where nothing is reached", on({ ...VM, nodeFile: undefined, nodeUrl: "https://nodejs.org/n.tar.gz" }),
      /host\.nodeUrl: cannot be reached with `internet: none`\. Set it to nat/],
    ["a machine and nobody who deploys", on(VM), /environment\.ipRanges: names nobody: whoever deploys brings/],
    ["a machine in a subnet that is there, and a network", on({ ...VM, subnetId: subnet, internet: "nat" }, NAMED),
      /host\.internet: has no effect in a subnet that is there already/],
    ["a machine's subnet that is let in twice", on({ ...VM, subnetId: subnet }, {
      environment: { subnetIds: [subnet] },
    }), /host\.subnetId: is let in by itself\. Remove it from environment\.subnetIds/],
    ["an image that is none", on({ ...VM, image: "ubuntu" }), /host\.image: "ubuntu" is not an image's address/],
    ["a machine and a source of another tenant's identities", on(VM, {
      ...NAMED, ...{ source: { ...written()["source"] as Written, sharedKeyAccess: false } },
    }), /source\.sharedKeyAccess: false takes an identity of the source's tenant.*Write host\.kind ssh/],
    ["a machine and private endpoints", on(VM, {
      ...NAMED,
      destination: {
        ...written()["destination"] as Written, publicNetworkAccess: "disabled", privateEndpoint: { subnetId: subnet },
      },
    }), /destination\.publicNetworkAccess: disabled leaves private endpoints alone/],
    ["a machine and a SAS for an address", on(VM, { environment: { ipRanges: ["203.0.113.7"] } }),
      /environment\.sasIpRange: must be `any`: the machine comes in by its subnet/],
  ])("is told what is wrong with %s", (_what, configuration, message) => {
    expect(mistakes(configuration).join("\n")).toMatch(message);
  });

  test("is told where firewall rules do not meet its traffic: account, rule and remedy", () => {
    const near = { ...SSH, region: "northeurope" };
    const environment = { ipRanges: ["203.0.113.7"] };
    const found = mistakes(on(near, { environment })).join("\n");
    expect(found).toMatch(/ipRanges: would let nobody in: the host is in northeurope as account fabrikamtables is/);
    expect(found).toMatch(/rules for 203\.0\.113\.7 do not meet\. Add the host's subnet .* to environment\.subnetIds/);
    expect(found).toMatch(/sasIpRange: would refuse the host its SAS: .* 203\.0\.113\.7 is none\. Write `any`/);
    const source = part("source", { location: "northeurope" })["source"];
    const away = part("destination", { location: "westus" })["destination"];
    expect(mistakes(on(near, { environment, source, destination: away })).join()).toContain("account contosotables is");
    // Elsewhere, or by a subnet and with any address, nothing stands in the way.
    expect(mistakes(on({ ...SSH, region: "westus" }, { environment }))).toEqual([]);
    expect(mistakes(on(SSH, { environment }))).toEqual([]);
    const open = { ...environment, subnetIds: [subnet], sasIpRange: "any" };
    expect(mistakes(on(near, { environment: open }))).toEqual([]);
  });

  test("takes private keys as secrets alone", async () => {
    const migration = JSON.stringify(on(SSH));
    const config = { "landbridge:migration": migration, "landbridge:hostPrivateKey": "PRIVATE" };
    pulumi.runtime.setAllConfig(config, ["landbridge:hostPrivateKey"]);
    const { hostKeys } = readConfiguration();
    expect(hostKeys.jump).toBeUndefined();
    if (hostKeys.host === undefined) throw new Error("There is no key.");
    await expect(pulumi.isSecret(hostKeys.host)).resolves.toBe(true);
    pulumi.runtime.setAllConfig(config, []);
    expect(readConfiguration).toThrow(/landbridge:hostPrivateKey: is kept in the clear.*config set --secret/);
    expect(readConfiguration).not.toThrow(/PRIVATE/);
  });
});
