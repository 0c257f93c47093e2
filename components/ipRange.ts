/**
 * IPv4 addresses and CIDR ranges, as three services spell them: storage network rules refuse /31 and /32 (single
 * addresses instead), a SAS knows no CIDR (`from-to` instead), Key Vault takes all of CIDR.
 */
export interface IpRange {
  /** First and last address, 0 to 2^32 - 1. */
  readonly first: number;
  readonly last: number;
}

const ADDRESSES = 2 ** 32;

/** Ranges that never reach Azure from outside (RFC 1918, loopback, link-local, RFC 6598): no rule can mean them. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"];

function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Reads `203.0.113.7` or `203.0.113.0/29`. Undefined where it is neither, or where host bits are set. */
export function parseCidr(text: string): IpRange | undefined {
  const [base, bits, ...rest] = text.split("/");
  const first = parseAddress(base ?? "");
  if (first === undefined || rest.length > 0) return undefined;
  if (bits === undefined) return { first, last: first };
  if (!/^(0|[1-9]\d?)$/.test(bits) || Number(bits) > 32) return undefined;
  const size = ADDRESSES / 2 ** Number(bits);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** Reads what a SAS may be bound to: an address, `from-to`, or a CIDR range. */
export function parseSasRange(text: string): IpRange | undefined {
  const [from, to, ...rest] = text.split("-");
  if (to === undefined) return parseCidr(text);
  const [first, last] = [parseAddress(from ?? ""), parseAddress(to)];
  if (first === undefined || last === undefined || rest.length > 0 || first > last) return undefined;
  return { first, last };
}

/** True where any address of the range is private. */
export function touchesPrivate(range: IpRange): boolean {
  return PRIVATE.some((text) => {
    const known = parseCidr(text);
    return known !== undefined && range.first <= known.last && known.first <= range.last;
  });
}

/** As a SAS spells it: one address, or `from-to`. */
export function formatSasRange(range: IpRange): string {
  const first = formatAddress(range.first);
  return range.first === range.last ? first : `${first}-${formatAddress(range.last)}`;
}

/** As storage network rules spell it: /31 and /32 become single addresses, the rest stays. */
export function storageRules(cidrs: readonly string[]): readonly string[] {
  const rules = cidrs.flatMap((cidr) => {
    const range = parseCidr(cidr);
    if (range === undefined || range.last - range.first > 1) return [cidr];
    return range.first === range.last
      ? [formatAddress(range.first)]
      : [formatAddress(range.first), formatAddress(range.last)];
  });
  return [...new Set(rules)];
}
