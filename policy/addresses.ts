import { isIPv4 } from "node:net";

function numberOf(address: string): number {
  return isIPv4(address) ? address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) : Number.NaN;
}

/** How many IPv4 addresses a text stands for: an address, `from-to` or CIDR. NaN where it is none of these. */
export function addressesIn(text: string): number {
  const [base = "", bits, ...more] = text.split("/");
  if (bits !== undefined) {
    const prefix = /^\d{1,2}$/.test(bits) && more.length === 0 ? Number(bits) : Number.NaN;
    return prefix <= 32 && !Number.isNaN(numberOf(base)) ? 2 ** (32 - prefix) : Number.NaN;
  }
  const [from = "", to = from] = base.split("-").map((part) => part.trim());
  return numberOf(to) - numberOf(from) + 1;
}

/** A setting of policies: more at once are no network that somebody named. A /16 by default. */
export const ADDRESSES = { addressesMax: { type: "integer", default: 65_536, minimum: 1 } } as const;

export interface AddressesConfig {
  readonly addressesMax?: number;
}

export function addressesMax({ addressesMax: max = ADDRESSES.addressesMax.default }: AddressesConfig): number {
  return max;
}

/** IPv6 has no rule of ours: what it stands for cannot be counted so. */
export function isTooWide(text: string, max: number): boolean {
  return !text.includes(":") && !(addressesIn(text) <= max);
}
