import { formatTicks, parseTicks } from "./dateTime";
import { refuse } from "./errors";
import type { Profile } from "./profile";

/** A stored access policy. A field that is absent must be in the token instead. */
export interface AccessPolicy {
  readonly id: string;
  readonly start?: string;
  readonly expiry?: string;
  readonly permissions?: string;
}

const ID_CHARS_MAX = 64;
const IDENTIFIER = /<SignedIdentifier>([\s\S]*?)<\/SignedIdentifier>/g;

function unescape(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function element(xml: string, name: string): string | undefined {
  const content = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1]?.trim();
  return content === undefined || content === "" ? undefined : unescape(content);
}

function policy(xml: string): AccessPolicy {
  const id = element(xml, "Id");
  if (id === undefined || id.length > ID_CHARS_MAX) throw refuse.invalidXml();
  const start = element(xml, "Start");
  const expiry = element(xml, "Expiry");
  const permissions = element(xml, "Permission");
  for (const time of [start, expiry]) {
    if (time !== undefined && parsePolicyTime(time) === undefined) throw refuse.invalidXml();
  }
  if (permissions !== undefined && !/^r?a?u?d?$/.test(permissions)) throw refuse.invalidXml();
  return {
    id,
    ...(start !== undefined && { start }),
    ...(expiry !== undefined && { expiry }),
    ...(permissions !== undefined && { permissions }),
  };
}

/** A date, a time to the minute, or a time to the 100 ns, in UTC: ticks since 1601. */
export function parsePolicyTime(time: string): bigint | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(time) ? parseTicks(`${time}T00:00:00Z`) : parseTicks(time);
}

/** Reads the body of Set Table ACL. Throws InvalidXmlDocument where it is none, or holds a sixth policy. */
export function readPolicies(xml: string, profile: Profile): readonly AccessPolicy[] {
  if (xml.trim() === "") return [];
  if (!/<SignedIdentifiers\s*\/>|<SignedIdentifiers>[\s\S]*<\/SignedIdentifiers>\s*$/.test(xml)) {
    throw refuse.invalidXml();
  }
  const policies = [...xml.matchAll(IDENTIFIER)].map((match) => policy(match[1] ?? ""));
  if (policies.length > profile.policiesMax) throw refuse.invalidXml();
  if (new Set(policies.map(({ id }) => id)).size !== policies.length) throw refuse.invalidXml();
  return policies;
}

/** The body of Get Table ACL. Times come back with seven fractional digits, whatever was sent. */
export function writePolicies(policies: readonly AccessPolicy[]): string {
  const time = (name: string, value: string | undefined) => {
    const ticks = value === undefined ? undefined : parsePolicyTime(value);
    if (ticks === undefined) return "";
    return `<${name}>${spellTime(ticks)}</${name}>`;
  };
  const one = ({ id, start, expiry, permissions }: AccessPolicy) =>
    `<SignedIdentifier><Id>${escape(id)}</Id><AccessPolicy>${time("Start", start)}${time("Expiry", expiry)}` +
    `${permissions === undefined ? "" : `<Permission>${permissions}</Permission>`}</AccessPolicy></SignedIdentifier>`;
  return `<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers>${policies.map(one).join("")}</SignedIdentifiers>`;
}

function spellTime(ticks: bigint): string {
  const trimmed = formatTicks(ticks).slice(0, -1);
  const [whole = "", fraction = ""] = trimmed.split(".");
  return `${whole}.${fraction.padEnd(7, "0")}Z`;
}
