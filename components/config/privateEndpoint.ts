import { z } from "zod";
import { privateZoneOf } from "../azure/tablePrivateEndpoint";
import * as fields from "./fields";
import { show } from "./mistakes";
import { part, type Finding, type Written } from "./written";

const networkId = fields.text(
  "a virtual network's resource id",
  "It is /subscriptions/.../virtualNetworks/NAME.",
  fields.resourceId("Microsoft[.]Network", "virtualNetworks"),
);

const zoneId = fields.text(
  "a private DNS zone's resource id",
  "It is /subscriptions/.../privateDnsZones/NAME.",
  fields.resourceId("Microsoft[.]Network", "privateDnsZones"),
);

export const privateEndpoint = z.strictObject({
  subnetId: fields.subnetId,
  virtualNetworkId: networkId.optional(),
  privateDnsZoneId: zoneId.optional(),
});

/** The settings by which a destination of either kind is reached privately. */
export const privateSettings = {
  publicNetworkAccess: fields
    .choice(["enabled", "disabled"], "disabled leaves the private endpoint as the only way in.")
    .optional(),
  privateEndpoint: privateEndpoint.optional(),
};

function zoneIsTheServices(written: Written): readonly Finding[] {
  const side = part(written, "destination");
  const { privateDnsZoneId, virtualNetworkId } = part(side, "privateEndpoint");
  if (typeof privateDnsZoneId !== "string") return [];
  const findings: Finding[] = [];
  const zone = privateZoneOf(side["kind"] === "cosmos" ? "cosmos" : "storage");
  if (!privateDnsZoneId.toLowerCase().endsWith(`/privatednszones/${zone}`)) {
    const why = `${show(privateDnsZoneId)} is not the zone that the account's name leads to.`;
    findings.push(["destination.privateEndpoint.privateDnsZoneId", `${why} Name a zone ${zone}.`]);
  }
  if (virtualNetworkId !== undefined) {
    const why = "has no effect with privateDnsZoneId: that zone has links of its own. Remove one of the two.";
    findings.push(["destination.privateEndpoint.virtualNetworkId", why]);
  }
  return findings;
}

function privateMeansAnEndpoint(written: Written): readonly Finding[] {
  const side = part(written, "destination");
  if (side["publicNetworkAccess"] !== "disabled") return [];
  const missing = side["privateEndpoint"] === undefined && side["existing"] !== "account";
  const remedy = "Write destination.privateEndpoint too, or leave public access enabled for the networks named.";
  const alone: Finding[] = missing
    ? [["destination.publicNetworkAccess", `disabled leaves no way in without a private endpoint. ${remedy}`]]
    : [];
  const open = ["permanentIpRanges", "permanentSubnetIds"].filter((key) => side[key] !== undefined);
  return [...alone, ...open.map((key): Finding => {
    return [`destination.${key}`, "has no effect with publicNetworkAccess: disabled. Remove one of the two."];
  })];
}

function notOnTheEmulators(written: Written): readonly Finding[] {
  if (written["cloud"] !== "emulator") return [];
  const idle = Object.keys(privateSettings).filter((key) => part(written, "destination")[key] !== undefined);
  return idle.map((key): Finding => [`destination.${key}`, "is for Azure: the emulators have no networks. Remove it."]);
}

export const PRIVATE_RULES: readonly ((written: Written) => readonly Finding[])[] = [
  zoneIsTheServices, privateMeansAnEndpoint, notOnTheEmulators,
];
