import type * as pulumi from "@pulumi/pulumi";
import { CosmosDestination } from "../../components/azure/cosmosDestination";
import { StorageDestination } from "../../components/azure/storageDestination";
import { lookForPrivateWay } from "../../components/privateReach";
import { record, runIndex, valueOf, type Recording } from "./recorder";
import { mistakes, part, parse, written, type Written } from "./written";

// No test asks a name server.
jest.mock("node:dns/promises", () => ({ lookup: () => Promise.resolve([{ address: "10.1.2.3", family: 4 }]) }));

const NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";
const SUBNET = `${NETWORK}/subnets/n`;
const ZONES = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones";
const TABLES = [{ name: "Cities", copyThroughput: 20_000, steadyThroughput: 2_000 }];

type Kind = "storage" | "cosmos";

const SERVICES = {
  storage: { zone: "privatelink.table.core.windows.net", group: "table" },
  cosmos: { zone: "privatelink.table.cosmos.azure.com", group: "Table" },
} as const;

function account(kind: Kind) {
  const names = { tenantId: "t", subscriptionId: "s", resourceGroup: "fabrikam-data", account: "fabrikamtables" };
  return { kind: "azure", ...names, ...(kind === "cosmos" ? { service: "cosmos" as const } : {}) } as const;
}

async function declare(kind: Kind, privateEndpoint: { subnetId: string; privateDnsZoneId?: string }) {
  const shared = { account: account(kind), location: "northeurope", privateEndpoint };
  const args = { ...shared, publicNetworkAccess: "disabled" } as const;
  return await record(() => {
    if (kind === "storage") return new StorageDestination("dest", args);
    return new CosmosDestination("dest", { ...args, tables: TABLES });
  });
}

describe.each(["storage", "cosmos"] as const)("a private endpoint of a destination on %s", (kind) => {
  const { zone, group } = SERVICES[kind];

  test("leads to its tables, by a zone that is linked to the endpoint's own network", async () => {
    const recording = await declare(kind, { subnetId: SUBNET });
    expect(recording.one(":PrivateEndpoint").inputs).toMatchObject({
      subnet: { id: SUBNET },
      privateLinkServiceConnections: [{ privateLinkServiceId: "/ids/dest-account", groupIds: [group] }],
    });
    expect(recording.one(":PrivateZone").inputs).toMatchObject({ privateZoneName: zone, location: "global" });
    expect(recording.one(":VirtualNetworkLink").inputs).toMatchObject({
      privateZoneName: zone, virtualNetwork: { id: NETWORK }, registrationEnabled: false,
    });
    expect(recording.one(":PrivateDnsZoneGroup").inputs["privateDnsZoneConfigs"]).toEqual([
      { name: zone.replaceAll(".", "-"), privateDnsZoneId: "/ids/dest-zone" },
    ]);
    const settings = recording.one(kind === "storage" ? ":StorageAccount" : ":DatabaseAccount").inputs;
    expect(settings["publicNetworkAccess"]).toBe("Disabled");
    const around = recording.resources.filter(({ type }) => /:(network|privatedns):/.test(type));
    expect(around).toHaveLength(4);
    expect(around.filter(({ retainOnDelete }) => !retainOnDelete)).toEqual([]);
  });

  test("uses a zone that is there, and makes none", async () => {
    const privateDnsZoneId = `${ZONES}/${zone}`;
    const recording = await declare(kind, { subnetId: SUBNET, privateDnsZoneId });
    expect([...recording.all(":PrivateZone"), ...recording.all(":VirtualNetworkLink")]).toEqual([]);
    expect(recording.one(":PrivateDnsZoneGroup").inputs["privateDnsZoneConfigs"])
      .toEqual([expect.objectContaining({ privateDnsZoneId })]);
  });

  const names: Written = kind === "storage" ? {} : { kind, account: "fabrikam-tables" };
  const wrong: readonly (readonly [string, Written, RegExp])[] = [
    ["no subnet", { privateEndpoint: {} }, /privateEndpoint\.subnetId/],
    ["what is no subnet", { privateEndpoint: { subnetId: NETWORK } }, /subnetId: .* is not a subnet's resource id/],
    ["what is no network", { privateEndpoint: { subnetId: SUBNET, virtualNetworkId: SUBNET } }, /virtualNetworkId/],
    ["another service's zone", {
      privateEndpoint: { subnetId: SUBNET, privateDnsZoneId: `${ZONES}/privatelink.blob.core.windows.net` },
    }, new RegExp(`privateDnsZoneId: .* Name a zone ${zone}`)],
    ["a zone and a network to link", {
      privateEndpoint: { subnetId: SUBNET, virtualNetworkId: NETWORK, privateDnsZoneId: `${ZONES}/${zone}` },
    }, /virtualNetworkId: has no effect with privateDnsZoneId/],
    ["no way in at all", { publicNetworkAccess: "disabled" }, /disabled leaves no way in without a private endpoint/],
    ["somebody's account", { existing: "account", privateEndpoint: { subnetId: SUBNET } }, /privateEndpoint: has no/],
  ];

  test.each(wrong)("is refused with %s", (_, changes, expected) => {
    expect(mistakes(part("destination", { ...names, ...changes }))).toEqual([expect.stringMatching(expected)]);
  });

  test("is refused on the emulators, which have no networks", () => {
    const { destination } = part("destination", { ...names, privateEndpoint: { subnetId: SUBNET } });
    expect(mistakes(written({ cloud: "emulator", destination }))).toEqual([expect.stringMatching(/for Azure/)]);
  });

  test("may be somebody else's, of an account that is there", () => {
    const { destination } = parse(part("destination", {
      ...names, existing: "account", publicNetworkAccess: "disabled",
    }));
    expect(destination.publicNetworkAccess).toBe("disabled");
  });
});

describe("a move to a destination without public access", () => {
  interface Run extends Recording {
    readonly waits: readonly string[];
    readonly reach: string;
  }

  async function run(kind: Kind): Promise<Run> {
    const names = kind === "storage" ? {} : { kind, account: "fabrikam-tables" };
    const changes = { ...names, privateEndpoint: { subnetId: SUBNET }, publicNetworkAccess: "disabled" };
    const { destination } = part("destination", changes);
    const migration = written({ destination, environment: { ipRanges: ["203.0.113.7"] } });
    let outputs: { readonly destinationReach?: pulumi.Output<string> } = {};
    const load = async () => void (outputs = await runIndex());
    const recording = await record(load, { config: { "landbridge:migration": JSON.stringify(migration) } });
    const reach = await valueOf(outputs.destinationReach as pulumi.Output<string>);
    const sas = kind === "storage" ? recording.one(":TableSas", "migration-access-destination-sas") : undefined;
    const first = sas ?? recording.one(":TableResourceTableRoleAssignment");
    return { ...recording, reach, waits: [...first.dependencies, ...Object.values(first.propertyDependencies).flat()] };
  }

  test("opens no firewall there, and binds no token to a public address; the source's are as ever", async () => {
    const recording = await run("storage");
    expect(recording.all(":NetworkOpening").map(({ name }) => name)).toEqual(["migration-access-source-opening"]);
    expect(recording.one(":TableSas", "migration-access-destination-sas").inputs).not.toHaveProperty("ipRange");
    expect(recording.one(":TableSas", "migration-access-source-sas").inputs["ipRange"]).toBe("203.0.113.7");
  });

  test("waits for the endpoint and its name before anybody goes that way", async () => {
    const { waits } = await run("storage");
    for (const name of ["destination-endpoint", "destination-endpoint-dns", "destination-zone-link"]) {
      expect(waits.filter((urn) => urn.endsWith(`::${name}`)).length).toBeGreaterThan(0);
    }
  });

  test("on Cosmos DB opens no firewall either, and says where its name leads", async () => {
    const recording = await run("cosmos");
    expect(recording.reach).toMatch(/^fabrikam-tables\.table\.cosmos\.azure\.com .* leads to 10\.1\.2\.3/);
    expect(recording.all(":NetworkOpening").map(({ name }) => name)).toEqual(["migration-access-source-opening"]);
  });
});

describe("looking for the private way", () => {
  const HOST = "fabrikamtables.table.core.windows.net";
  const at = (...addresses: string[]) => () => Promise.resolve(addresses);

  test.each([["10.1.2.3"], ["172.16.0.9"], ["192.168.7.1"], ["fd00::1"]])("%s is private: right", async (address) => {
    expect(await lookForPrivateWay(HOST, at(address)))
      .toEqual({ isPrivate: true, text: expect.stringContaining(`leads to ${address}, which is private`) });
  });

  test.each([["20.60.1.2"], ["172.32.0.1"], ["2603::1"]])("%s is public: it says what to do", async (address) => {
    const { isPrivate, text } = await lookForPrivateWay(HOST, at(address));
    expect(isPrivate).toBe(false);
    expect(text).toMatch(/a public address, and what comes in there is refused\. Run where the endpoint's network is/);
  });

  test("a name that is not there yet says nothing either way", async () => {
    const { isPrivate, text } = await lookForPrivateWay(HOST, () => Promise.reject(new Error("ENOTFOUND")));
    expect(isPrivate).toBeUndefined();
    expect(text).toContain("leads nowhere yet");
  });
});
