import { parseSasRange } from "../../migration/access/ipRange";
import { refuseSameRegion } from "../host/sameRegion";
import { NEEDED_BY_A_VM, NEEDED_BY_SSH, OF_A_VM, OF_SSH } from "./host";
import { show } from "./mistakes";
import { part, type Finding, type Written } from "./written";

const kindOf = (written: Written) => part(written, "host")["kind"];
const isOnHost = (written: Written) => written["runOn"] === "host";
const strings = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);

function hostIsAsked(written: Written): readonly Finding[] {
  if (isOnHost(written) && written["host"] === undefined) {
    return [["host", "is missing; it is the host that copies. Write host.kind (ssh or vm), or set runOn to local."]];
  }
  if (isOnHost(written) || written["host"] === undefined) return [];
  return [["host", "has no effect with `runOn: local`. Set runOn to host, or remove it."]];
}

function keysOfTheKind(written: Written): readonly Finding[] {
  const [kind, host] = [kindOf(written), part(written, "host")];
  if (kind !== "ssh" && kind !== "vm") return [];
  const foreign = (kind === "ssh" ? OF_A_VM : OF_SSH).filter((key) => host[key] !== undefined);
  const needed = (kind === "ssh" ? NEEDED_BY_SSH : NEEDED_BY_A_VM).filter((key) => host[key] === undefined);
  return [
    ...foreign.map((key): Finding => [`host.${key}`, `is not of a host of kind ${kind}. Remove it.`]),
    ...needed.map((key): Finding => [`host.${key}`, `is missing, and a host of kind ${kind} needs it. Write it.`]),
  ];
}

/** What a host is told on a command line, it is told for all tables alike. */
function hostCanBeTold(written: Written): readonly Finding[] {
  if (!isOnHost(written)) return [];
  const findings: Finding[] = [];
  if (written["phase"] !== undefined) {
    const message = `${show(written["phase"])} cannot be reached on a host by a stack: there landbridge copy and `
      + "verify run, and a phase takes landbridge sync. Set runOn to local, and run `pulumi up` on a machine near the "
      + "data, or write a schedule of kind systemd or cron, whose files have a host run landbridge sync. Or remove the "
      + "phase, for a copy while the application rests.";
    findings.push(["phase", message]);
  }
  const tables = written["tables"];
  const named = typeof tables === "object" && tables !== null ? Object.entries(tables) : [];
  for (const [name, settings] of named) {
    const own = typeof settings === "object" && settings !== null ? (settings as Written) : {};
    const only = ["filter", ...(own["mode"] === "merge" ? ["mode"] : [])].filter((key) => own[key] !== undefined);
    for (const key of only) {
      const message = `${show(own[key])} cannot be told to a host for a table alone. Remove it, or set runOn to local.`;
      findings.push([`tables.${name}.${key}`, message]);
    }
  }
  return findings;
}

function credentialsReachTheHost(written: Written): readonly Finding[] {
  if (!isOnHost(written) || written["vault"] !== false) return [];
  const byVault = kindOf(written) === "vm" || part(written, "host")["credentials"] === "vault";
  if (!byVault) return [];
  return [["vault", "false leaves the host without its credentials, which it reads from there. Set it to true."]];
}

function machineIsComplete(written: Written): readonly Finding[] {
  if (!isOnHost(written) || kindOf(written) !== "vm") return [];
  const host = part(written, "host");
  const findings: Finding[] = [];
  if (written["cloud"] === "emulator") {
    findings.push(["host.kind", "vm is made in Azure only. Write ssh with the emulators."]);
  }
  const [file, url] = [host["nodeFile"], host["nodeUrl"]];
  if ((file === undefined) === (url === undefined)) {
    const message = "names Node for Linux, to be brought along; nodeUrl, to be fetched. Write one of the two.";
    findings.push(["host.nodeFile", message]);
  }
  if (url !== undefined && host["internet"] !== "nat" && host["subnetId"] === undefined) {
    findings.push(["host.nodeUrl", "cannot be reached with `internet: none`. Set it to nat, or bring nodeFile along."]);
  }
  const { ipRanges, subnetIds, sasIpRange } = part(written, "environment");
  const subnetId = host["subnetId"];
  for (const key of subnetId === undefined ? [] : ["addressSpace", "internet"].filter((each) => host[each])) {
    findings.push([`host.${key}`, "has no effect in a subnet that is there already. Remove it, or host.subnetId."]);
  }
  if (typeof subnetId === "string" && strings(subnetIds).includes(subnetId)) {
    findings.push(["host.subnetId", "is let in by itself. Remove it from environment.subnetIds."]);
  }
  if (strings(ipRanges).length + strings(subnetIds).length === 0 && subnetId === undefined) {
    const message = "names nobody: whoever deploys brings files to the machine, and fetches its report, through a "
      + "firewall. Write your public address, or your subnet in environment.subnetIds.";
    findings.push(["environment.ipRanges", message]);
  }
  if (part(written, "source")["sharedKeyAccess"] === false) {
    const message = "false takes an identity of the source's tenant, and the machine's is of the destination's. Write "
      + "host.kind ssh, or set runOn to local.";
    findings.push(["source.sharedKeyAccess", message]);
  }
  if (part(written, "destination")["publicNetworkAccess"] === "disabled" && subnetId === undefined) {
    const message = "disabled leaves private endpoints alone, to which a network made for the machine does not lead. "
      + "Write host.subnetId with a subnet of theirs.";
    findings.push(["destination.publicNetworkAccess", message]);
  }
  if (strings(ipRanges).length > 0 && sasIpRange !== "any") {
    const message = "must be `any`: the machine comes in by its subnet, from a private address. Write it.";
    findings.push(["environment.sasIpRange", message]);
  }
  return findings;
}

/** The side's region, as far as the configuration tells it. */
function accountsOf(written: Written): readonly { readonly account: string; readonly region: string }[] {
  return ["source", "destination"].flatMap((side) => {
    const { account, location } = part(written, side);
    return typeof account === "string" && typeof location === "string" ? [{ account, region: location }] : [];
  });
}

function rulesMeetTheHost(written: Written): readonly Finding[] {
  const { region } = part(written, "host");
  if (!isOnHost(written) || kindOf(written) !== "ssh" || typeof region !== "string") return [];
  const environment = part(written, "environment");
  const [ipRanges, subnetIds] = [strings(environment["ipRanges"]), strings(environment["subnetIds"])];
  const { sasIpRange } = environment;
  // As the configuration is read: one range alone binds the SAS to it.
  const only = ipRanges.length === 1 && subnetIds.length === 0 ? ipRanges[0] : undefined;
  const bound = typeof sasIpRange === "string" ? sasIpRange : only;
  const findings = accountsOf(written).flatMap(({ account, region: accountRegion }) => refuseSameRegion({
    hostRegion: region,
    account,
    accountRegion,
    ipRanges,
    subnets: subnetIds.length,
    sasIpRange: bound !== undefined && parseSasRange(bound) !== undefined ? bound : undefined,
  }));
  return findings.map(({ key, text }): Finding => [`environment.${key}`, text]);
}

/** Rules of the host that copies. */
export const HOST_RULES: readonly ((written: Written) => readonly Finding[])[] = [
  hostIsAsked, keysOfTheKind, hostCanBeTold, credentialsReachTheHost, machineIsComplete, rulesMeetTheHost,
];
