import type { AccessPolicy } from "./accessPolicies";
import { parsePolicyTime } from "./accessPolicies";
import type { SimulatedAccount } from "./account";
import { formatTicks, ticksFromMs } from "./dateTime";
import { refuse } from "./errors";
import type { Access } from "./rights";
import { signedByAny } from "./signing";

export interface SasContext {
  readonly account: SimulatedAccount;
  /** The query of the request. */
  readonly fields: URLSearchParams;
  readonly nowMs: number;
  readonly secure: boolean;
  readonly remoteAddress: string;
}

/** The first version with account SAS for tables, and with `sip` and `spr` in a table's. */
const VERSION_MIN = "2015-04-05";
/** From here on an account SAS signs one line more: the encryption scope. */
const VERSION_ENCRYPTION_SCOPE = "2020-12-06";

function once(fields: URLSearchParams, name: string): string | undefined {
  const all = fields.getAll(name);
  if (all.length > 1) throw refuse.authentication(`${name} is given more than once.`);
  return all[0] === "" ? undefined : all[0];
}

function needed(fields: URLSearchParams, name: string): string {
  const value = once(fields, name);
  if (value === undefined) throw refuse.authentication(`${name} is mandatory. Cannot be empty`);
  return value;
}

function version(fields: URLSearchParams): string {
  const sv = needed(fields, "sv");
  if (!/^\d{4}-\d\d-\d\d$/.test(sv) || sv < VERSION_MIN) throw refuse.authentication(`sv is not valid: ${sv}`);
  return sv;
}

function letters(name: string, value: string, allowed: string): string {
  const known = [...value].every((letter, at) => allowed.includes(letter) && value.indexOf(letter) === at);
  if (!known) throw refuse.authentication(`${name} is not valid: ${value}`);
  return value;
}

/** Service SAS permissions come in a fixed order. */
function ordered(value: string): string {
  if (!/^r?a?u?d?$/.test(value)) throw refuse.authentication(`sp is not valid: ${value}`);
  return value;
}

function time(name: string, value: string): bigint {
  const ticks = parsePolicyTime(value);
  if (ticks === undefined) throw refuse.authentication(`${name} is not a valid UTC time: ${value}`);
  return ticks;
}

/** When a token is good, in ticks. */
interface Span {
  readonly begins: bigint | undefined;
  readonly ends: bigint;
}

function span(start: string | undefined, expiry: string): Span {
  return { begins: start === undefined ? undefined : time("st", start), ends: time("se", expiry) };
}

function checkTimes(context: SasContext, { begins, ends }: Span): void {
  const now = ticksFromMs(context.nowMs);
  if (now < ends && (begins === undefined || begins <= now) && !context.account.sasCutOff) return;
  throw refuse.authentication(
    `Signature not valid in the specified time frame: Start [${begins === undefined ? "" : formatTicks(begins)}] - ` +
      `Expiry [${formatTicks(ends)}] - Current [${formatTicks(now)}]`,
  );
}

function checkProtocol(context: SasContext): void {
  const spr = once(context.fields, "spr");
  if (spr !== undefined && spr !== "https" && spr !== "https,http") {
    throw refuse.authentication(`spr is not valid: ${spr}`);
  }
  if (spr === "https" && !context.secure) throw refuse.protocol();
}

function addressNumber(address: string): number | undefined {
  const parts = address.split(".").map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** `sip` holds one address or one range, IPv4. */
function checkAddress(context: SasContext): void {
  const sip = once(context.fields, "sip");
  if (sip === undefined) return;
  const ends = sip.split("-").map(addressNumber);
  const first = ends[0];
  const last = ends.length === 1 ? first : ends[1];
  if (ends.length > 2 || first === undefined || last === undefined || first > last) {
    throw refuse.authentication(`sip is not one address or one range: ${sip}`);
  }
  const asked = addressNumber(context.remoteAddress);
  if (asked === undefined || asked < first || asked > last) throw refuse.sourceAddress();
}

interface Signed {
  readonly access: Access & { readonly kind: "account" };
  readonly services: string;
  readonly span: Span;
}

/** What a signature vouches for. Throws where no key made it. */
function readSigned({ fields, account }: SasContext): Signed {
  const sv = version(fields);
  const permissions = letters("sp", needed(fields, "sp"), "rwdxylacuptfi");
  const services = letters("ss", needed(fields, "ss"), "bqtf");
  const resourceTypes = letters("srt", needed(fields, "srt"), "sco");
  const expiry = needed(fields, "se");
  const optional = (name: string) => once(fields, name) ?? "";
  const signed = [
    account.name, permissions, services, resourceTypes, optional("st"), expiry, optional("sip"), optional("spr"), sv,
    ...(sv >= VERSION_ENCRYPTION_SCOPE ? [optional("ses")] : []),
    "",
  ].join("\n");
  if (!signedByAny(account.keys, signed, needed(fields, "sig"))) {
    throw refuse.authentication("Signature did not match.");
  }
  return {
    access: { kind: "account", permissions, resourceTypes },
    services,
    span: span(once(fields, "st"), expiry),
  };
}

/** What was found signed, while the account's keys are those that it was checked with. */
interface Checked extends Signed {
  readonly account: SimulatedAccount;
  readonly keys: readonly [string, string];
}

/** By the query, which is the same object for the same text: one HMAC a token instead of one a request. */
const checked = new WeakMap<URLSearchParams, Checked>();

function signedBefore({ fields, account }: SasContext): Signed | undefined {
  const found = checked.get(fields);
  if (found?.account !== account) return undefined;
  const [key1, key2] = account.keys;
  return found.keys[0] === key1 && found.keys[1] === key2 ? found : undefined;
}

/** Account SAS: signed services, resource types and permissions. Time, address and protocol count at every request. */
export function readAccountSas(context: SasContext): Access {
  const { fields, account } = context;
  let signed = signedBefore(context);
  if (signed === undefined) {
    signed = readSigned(context);
    checked.set(fields, { ...signed, account, keys: account.keys });
  }
  checkTimes(context, signed.span);
  checkAddress(context);
  checkProtocol(context);
  if (!signed.services.includes("t")) throw refuse.service();
  return signed.access;
}

function findPolicy(context: SasContext, table: string, id: string): AccessPolicy {
  const policies = context.account.liveTable(table)?.policies ?? [];
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy === undefined) throw refuse.authentication(`Cannot find the access policy ${id} in the table.`);
  return policy;
}

/** A field stands in the token or in the policy: in both, or in neither, is refused. */
function settle(name: string, token: string | undefined, policy: string | undefined): string | undefined {
  if (token !== undefined && policy !== undefined) {
    throw refuse.authentication(
      `Access policy fields can be associated with signature or SAS identifier but not both (${name}).`,
    );
  }
  return token ?? policy;
}

function mandatory(name: string, value: string | undefined): string {
  if (value === undefined) throw refuse.authentication(`${name} is mandatory. Cannot be empty`);
  return value;
}

/** Table SAS: one table, perhaps one key range, perhaps a stored access policy. */
export function readTableSas(context: SasContext): Access {
  const { fields, account } = context;
  const sv = version(fields);
  const table = needed(fields, "tn");
  const optional = (name: string) => once(fields, name) ?? "";
  const signed = [
    optional("sp"), optional("st"), optional("se"), `/table/${account.name}/${table.toLowerCase()}`, optional("si"),
    optional("sip"), optional("spr"), sv, optional("spk"), optional("srk"), optional("epk"), optional("erk"),
  ].join("\n");
  if (!signedByAny(account.keys, signed, needed(fields, "sig"))) {
    throw refuse.authentication("Signature did not match.");
  }
  const id = once(fields, "si");
  const policy = id === undefined ? undefined : findPolicy(context, table, id);
  const start = settle("st", once(fields, "st"), policy?.start);
  const expiry = mandatory("se", settle("se", once(fields, "se"), policy?.expiry));
  const permissions = ordered(mandatory("sp", settle("sp", once(fields, "sp"), policy?.permissions)));
  checkTimes(context, span(start, expiry));
  checkAddress(context);
  checkProtocol(context);
  // An empty key is legal, so presence counts here, not emptiness.
  const bound = (name: string) => fields.get(name) ?? undefined;
  const range = { spk: bound("spk"), srk: bound("srk"), epk: bound("epk"), erk: bound("erk") };
  if (range.srk !== undefined && range.spk === undefined) throw refuse.authentication("srk is given without spk.");
  if (range.erk !== undefined && range.epk === undefined) throw refuse.authentication("erk is given without epk.");
  return { kind: "table", table: table.toLowerCase(), permissions, range };
}
