import { z } from "zod";
import * as fields from "./fields";

/** A machine that SSH reaches. */
export interface SshPlace {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** As in known_hosts, without the address: `ssh-ed25519 AAAA...`. Whoever shows another one gets nothing. */
  readonly hostKey: string;
}

/** A host that is there already. */
export interface SshHostConfiguration extends SshPlace {
  readonly kind: "ssh";
  readonly jump?: SshPlace;
  /** Relative to the user's home, or absolute; absent: named after project and stack. */
  readonly folder?: string;
  /** The program `node` there. */
  readonly node: string;
  /** The Azure region the host is in; absent: it is not in Azure. */
  readonly region?: string;
  /** How the host gets both credentials. */
  readonly credentials: "standardInput" | "vault";
}

/** Where a machine without Node gets it from. */
export type NodeSource =
  | { readonly kind: "file"; readonly path: string; readonly sha256: string }
  | { readonly kind: "url"; readonly url: string; readonly sha256: string };

/** A machine that is made for the move, and goes with its access. */
export interface VmHostConfiguration {
  readonly kind: "vm";
  /** Azure region. */
  readonly location: string;
  readonly size: string;
  /** A subnet that is there already, and stays as it is; absent: a network is made. */
  readonly subnetId?: string;
  /** IPv4 range of the network that is made. */
  readonly addressSpace: string;
  /** nat: it reaches the internet through a gateway, and nobody reaches it; none: neither. */
  readonly internet: "none" | "nat";
  readonly nodeSource: NodeSource;
  /** Azure makes no Linux machine without one. */
  readonly adminPublicKey: string;
  /** `publisher:offer:sku:version`, as `az vm image list` names them. */
  readonly image: string;
  /** `HHMM`, in `timeZone`; every day. */
  readonly shutDownAt: string;
  /** As Windows names them, such as `UTC` or `W. Europe Standard Time`. */
  readonly timeZone: string;
}

export type HostConfiguration = SshHostConfiguration | VmHostConfiguration;

const address = fields.text(
  "a host's name or address",
  "Write it like copy1.contoso.com.",
  /^[A-Za-z0-9][\w.:-]{0,252}$/,
);
const user = fields.text("a user's name", "Write it like landbridge.", /^[A-Za-z_][\w.@-]{0,63}$/);
const port = fields.whole(1, 65_535, "It is where SSH listens.");
const sha256 = fields.text("a sha256", "Write 64 lower-case hexadecimal digits, as SHASUMS256.txt beside it has them.",
  /^[0-9a-f]{64}$/);

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5[A-Za-z0-9+/]{48}";
const ECDSA = "ecdsa-sha2-nistp256 AAAAE2VjZHNh[A-Za-z0-9+/]{100,130}={0,2}";
/** RSA is left out: the provider would ask for it with SHA-1 alone, which servers of today refuse. */
const hostKey = fields.text(
  "a host key of kind ssh-ed25519 or ecdsa-sha2-nistp256",
  "Have it from whoever runs the host (cat /etc/ssh/ssh_host_ed25519_key.pub), and write it like ssh-ed25519 AAAA...",
  new RegExp(`^(${ED25519}|${ECDSA})( .*)?$`),
);

const jump = z.strictObject({ address, port: port.default(22), user, hostKey });

/** Every key of both kinds; the rules refuse what is of the other one. */
export const host = z.strictObject({
  kind: fields.choice(["ssh", "vm"], "ssh is a host that is there already; vm is one that is made for the move."),
  address: address.optional(),
  port: port.optional(),
  user: user.optional(),
  hostKey: hostKey.optional(),
  jump: jump.optional(),
  folder: fields.text(
    "a folder",
    "Write it like landbridge-copy or /srv/landbridge.",
    /^(?!.*\.\.)\/?\w[\w./-]*$/,
  ).optional(),
  node: fields.text("a program's name or path", "Write it like /usr/bin/node.", /^\/?[\w./-]+$/).optional(),
  region: fields.region.optional(),
  credentials: fields.choice(["standardInput", "vault"], "It is how the host gets the credentials.").optional(),
  location: fields.region.optional(),
  size: fields.text("a VM's size", "Write it like Standard_D2s_v5.", /^[A-Z][A-Za-z]+_[A-Za-z0-9_]+$/).optional(),
  subnetId: fields.subnetId.optional(),
  addressSpace: fields.text(
    "a private IPv4 range of /16 to /28",
    "Write it like 10.211.0.0/28.",
    /^(10|172\.(1[6-9]|2\d|3[01])|192\.168)(\.\d{1,3}){1,3}\/(1[6-9]|2[0-8])$/,
  ).optional(),
  internet: fields.choice(["none", "nat"], "With none, Node comes from nodeFile.").optional(),
  nodeFile: fields.text("a path", "Write where node-v20.19.5-linux-x64.tar.gz lies.", /^\S.*\.tar\.gz$/).optional(),
  nodeUrl: fields.text(
    "an https address",
    "Write it like https://nodejs.org/dist/v20.19.5/node-v20.19.5-linux-x64.tar.gz.",
    /^https:\/\/[\w.-]+\/[\w./-]+\.tar\.gz$/,
  ).optional(),
  nodeSha256: sha256.optional(),
  adminPublicKey: fields.text("a public SSH key", "Write it like ssh-ed25519 AAAA...", /^ssh-ed25519 AAAA\S+( .*)?$/)
    .optional(),
  image: fields.text(
    "an image's address",
    "Write it like Canonical:ubuntu-24_04-lts:server:latest, or pin a version.",
    /^[\w.-]+(:[\w.-]+){3}$/,
  ).optional(),
  shutDownAt: fields.text("a time", "Write it like \"2300\".", /^([01]\d|2[0-3])[0-5]\d$/).optional(),
  timeZone: fields.text("a time zone's name", "Write it like UTC.", /^[\w .()+-]{3,60}$/).optional(),
});

export const OF_SSH = ["address", "port", "user", "hostKey", "jump", "folder", "node", "region", "credentials"];
export const NEEDED_BY_SSH = ["address", "user", "hostKey"];
export const OF_A_VM = ["location", "size", "subnetId", "addressSpace", "internet", "nodeFile", "nodeUrl", "nodeSha256",
  "adminPublicKey", "image", "shutDownAt", "timeZone"];
export const NEEDED_BY_A_VM = ["adminPublicKey", "nodeSha256"];
export const jumpKeys = jump;

function toVm(written: z.output<typeof host>, destinationLocation: string): VmHostConfiguration {
  const { nodeFile, nodeUrl, nodeSha256 = "", adminPublicKey = "" } = written;
  return {
    kind: "vm",
    location: written.location ?? destinationLocation,
    size: written.size ?? "Standard_D2s_v5",
    ...(written.subnetId === undefined ? {} : { subnetId: written.subnetId }),
    addressSpace: written.addressSpace ?? "10.211.0.0/28",
    internet: written.internet ?? "none",
    nodeSource: nodeUrl === undefined
      ? { kind: "file", path: nodeFile ?? "", sha256: nodeSha256 }
      : { kind: "url", url: nodeUrl, sha256: nodeSha256 },
    adminPublicKey,
    image: written.image ?? "Canonical:ubuntu-24_04-lts:server:latest",
    shutDownAt: written.shutDownAt ?? "2300",
    timeZone: written.timeZone ?? "UTC",
  };
}

/** The rules have seen to it that nothing is missing. */
export function toHost(written: z.output<typeof host>, destinationLocation: string): HostConfiguration {
  if (written.kind === "vm") return toVm(written, destinationLocation);
  const { address: at = "", user: who = "", hostKey: key = "", jump: over, folder, region: where } = written;
  return {
    kind: "ssh",
    address: at,
    port: written.port ?? 22,
    user: who,
    hostKey: key,
    ...(over === undefined ? {} : { jump: over }),
    ...(folder === undefined ? {} : { folder }),
    node: written.node ?? "node",
    ...(where === undefined ? {} : { region: where }),
    credentials: written.credentials ?? "standardInput",
  };
}
