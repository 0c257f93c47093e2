import type * as pulumi from "@pulumi/pulumi";

import { hostReachText } from "../../components/host/hostReach";
import { record, runIndex, valueOf } from "../components/recorder";
import { parse, part, written, type Written } from "../components/written";

// A name server that says "a public address" to this machine: with a host that is nobody's business.
const mockLookup = jest.fn(() => Promise.resolve([{ address: "20.60.1.2", family: 4 }]));
jest.mock("node:dns/promises", () => ({ lookup: () => mockLookup() }));

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${"A".repeat(48)}`;
const NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks";
const SSH = { kind: "ssh", address: "copy1.fabrikam.com", user: "mover", hostKey: KEY };
const VM = { kind: "vm", adminPublicKey: KEY, nodeFile: "node.tar.gz", nodeSha256: "a".repeat(64) };
const NAMED = { ipRanges: ["203.0.113.7"], sasIpRange: "any" };
const DOMAIN = "fabrikamtables.table.core.windows.net";
const SUBNETS = { ipRanges: ["203.0.113.7"], subnetIds: [`${NETWORK}/other/subnets/n`], sasIpRange: "any" };

const closed = (endpoint: Written = {}) => part("destination", {
  publicNetworkAccess: "disabled", privateEndpoint: { subnetId: `${NETWORK}/hub/subnets/endpoints`, ...endpoint },
});

function stack(host: Written, changes: Written = {}): Written {
  return { ...written({ runOn: "host", host, environment: SUBNETS }), ...changes };
}

function textOf(migration: Written): string {
  const { host, destination } = parse(migration);
  if (host === undefined) throw new Error("there is no host");
  return hostReachText(host, destination, DOMAIN);
}

describe("how a host gets into the destination", () => {
  test.each<[string, Written, RegExp]>([
    ["by its public address, outside of Azure", stack(SSH), /mover@copy1\.fabrikam\.com .* by its public address: env/],
    ["by a subnet, inside of the account's region", stack({ ...SSH, region: "northeurope" }),
      /as the account is: rules for subnets let it in .*, and rules for addresses do not meet it/],
    ["by its address or a subnet, from another region", stack({ ...SSH, region: "westus" }),
      /in westus, and the account in northeurope: .* public address .* or by a subnet/],
    ["by its own subnet, as a machine that is made", stack(VM, { environment: NAMED }),
      /a machine in northeurope .* rule for its subnet; rules for addresses \(environment\.ipRanges\) do not meet it/],
    ["by the endpoint, which only the host can see", stack(SSH, { destination: closed()["destination"] }),
      /no rule for addresses or subnets lets it in.*not from this machine\. Ask it .*getent hosts fabrikamtables/],
    ["by the endpoint, in a network that its zone is linked to",
      stack({ ...VM, subnetId: `${NETWORK}/hub/subnets/copy` }, { destination: closed()["destination"] }),
      /linked to: right\.$/],
    ["by the endpoint, in a network of which nobody knows here",
      stack({ ...VM, subnetId: `${NETWORK}/spoke/subnets/copy` }, { destination: closed()["destination"] }),
      /See that its subnet's network leads to the endpoint/],
    ["by the endpoint, under somebody else's zone",
      stack({ ...VM, subnetId: `${NETWORK}/hub/subnets/copy` }, {
        destination: closed({ privateDnsZoneId: `${NETWORK.replace("Microsoft.Network/virtualNetworks", "")}`
          + "Microsoft.Network/privateDnsZones/privatelink.table.core.windows.net" })["destination"],
      }),
      /See that its subnet's network leads to the endpoint/],
  ])("is told by the configuration: %s", (_, migration, expected) => {
    expect(textOf(migration)).toMatch(expected);
  });

  test("is what the stack says, without a look or a warning from the machine that deploys", async () => {
    const migration = stack(SSH, { destination: closed()["destination"] });
    let outputs: { readonly destinationReach?: pulumi.Output<string> } = {};
    const load = async () => void (outputs = await runIndex<typeof outputs>());
    await record(load, { config: { "landbridge:migration": JSON.stringify(migration) }, preview: true });
    const reach = await valueOf(outputs.destinationReach as pulumi.Output<string>);
    expect(reach).toMatch(/^mover@copy1\.fabrikam\.com copies/);
    expect(mockLookup).not.toHaveBeenCalled();
  });
});
