import { isIP } from "node:net";

/** Addresses from `first` to `last`, both included. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

export function parseIpv4(text: string): number | undefined {
  if (isIP(text) !== 4) return undefined;
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** `a.b.c.d/n`, host bits cleared; undefined where it is not that. */
export function parseCidr(text: string): (Ipv4Range & { readonly prefix: number }) | undefined {
  const [base, bits, ...more] = text.split("/");
  const address = parseIpv4(base ?? "");
  if (address === undefined || bits === undefined || !/^\d{1,2}$/.test(bits) || more.length > 0) return undefined;
  const prefix = Number(bits);
  if (prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, prefix };
}

/**
 * What a SAS may be bound to: one address, or one range `a.b.c.d-e.f.g.h`; a CIDR range becomes the latter.
 * Undefined: it is neither (a list, IPv6, a range that runs backwards).
 */
export function parseSasRange(text: string): Ipv4Range | undefined {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  const [from, to, ...more] = text.split("-").map((part) => parseIpv4(part.trim()));
  if (from === undefined || more.length > 0) return undefined;
  if (!text.includes("-")) return { first: from, last: from };
  return to === undefined || to < from ? undefined : { first: from, last: to };
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((text) => parseCidr(text));

/** A firewall rule the service takes, or why it would not. */
export type FirewallRange =
  | { readonly kind: "ipv4" | "ipv6"; readonly values: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * An address or CIDR range as rules of an account's firewall. The service refuses /31 and /32 notation (they become
 * single addresses) and private addresses.
 */
export function parseFirewallRange(text: string): FirewallRange {
  const refused = (reason: string): FirewallRange => ({ kind: "refused", reason: `${JSON.stringify(text)} ${reason}` });
  if (text.includes(":")) return parseIpv6Range(text, refused);
  const range = parseCidr(text.includes("/") ? text : `${text}/32`);
  if (range === undefined) {
    return refused("is neither an IP address nor a CIDR range. Write it as 198.51.100.7 or 198.51.100.0/24.");
  }
  if (range.prefix === 0) return refused("would let everybody in. Name the addresses of the migration's hosts.");
  if (PRIVATE.some((inner) => inner !== undefined && range.first <= inner.last && range.last >= inner.first)) {
    return refused("is private, and an account sees public addresses only. Give the public address that the host's "
      + "traffic leaves from, or a subnet in subnetIds.");
  }
  if (range.prefix <= 30) return { kind: "ipv4", values: [`${formatIpv4(range.first)}/${range.prefix}`] };
  const values = range.first === range.last ? [range.first] : [range.first, range.last];
  return { kind: "ipv4", values: values.map(formatIpv4) };
}

function parseIpv6Range(text: string, refused: (reason: string) => FirewallRange): FirewallRange {
  const [base, bits, ...more] = text.split("/");
  const valid = isIP(base ?? "") === 6 && more.length === 0
    && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= 128));
  if (!valid) return refused("is neither an IPv6 address nor a range of them. Write it as 2001:db8::/64.");
  // The URL parser writes an address in its one canonical form.
  const canonical = new URL(`http://[${base}]/`).hostname.slice(1, -1);
  return { kind: "ipv6", values: [bits === undefined || bits === "128" ? canonical : `${canonical}/${bits}`] };
}
