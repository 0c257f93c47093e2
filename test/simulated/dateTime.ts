/** Times as the service keeps them: 100 ns ticks since 1601-01-01T00:00:00Z, the earliest date it accepts. */
const EPOCH_1601_MS = BigInt(Date.UTC(1601, 0, 1));
export const TICKS_PER_MS = 10_000n;
/** 9999-12-31T23:59:59.9999999Z */
export const TICKS_MAX = (BigInt(Date.UTC(10_000, 0, 1)) - EPOCH_1601_MS) * TICKS_PER_MS - 1n;

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?$/;

export function ticksFromMs(ms: number): bigint {
  return (BigInt(Math.trunc(ms)) - EPOCH_1601_MS) * TICKS_PER_MS;
}

export function msFromTicks(ticks: bigint): number {
  return Number(ticks / TICKS_PER_MS + EPOCH_1601_MS);
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * ISO 8601 with up to seven fractional digits -> ticks; undefined where the text is no such date. A result below 0n or
 * above TICKS_MAX is a date that the service refuses: the caller says so in its own words.
 */
export function parseTicks(text: string): bigint | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  // Through ISO text, since Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second ?? "00"}.000Z`);
  const ms = date.getTime();
  // Date rolls 30 February over into March; the service does not.
  if (Number.isNaN(ms) || date.getUTCDate() !== Number(day) || Number(hour) > 23) return undefined;
  const ticks = BigInt((fraction ?? "").padEnd(7, "0"));
  return (BigInt(ms) - EPOCH_1601_MS - BigInt(offset) * 60_000n) * TICKS_PER_MS + ticks;
}

/** A time as it stands in a Timestamp, and percent-encoded as in an ETag. */
export interface Stamp {
  readonly text: string;
  readonly etag: string;
}

const TICKS_PER_SECOND = 10_000_000n;
/** The second, and the time, that were spelt last: writes come thousands to the second, and are spelt twice each. */
let second = { ticks: -1n, text: "", etag: "" };
let last: Stamp & { readonly ticks: bigint } = { ticks: -1n, text: "", etag: "" };

/** Ticks since the last second that was spelt, or since the one that is now. */
function fractionOf(ticks: bigint): number {
  const fraction = Number(ticks - second.ticks);
  if (second.ticks >= 0n && fraction >= 0 && fraction < 10_000_000) return fraction;
  const start = ticks - (ticks % TICKS_PER_SECOND);
  const text = new Date(msFromTicks(start)).toISOString().slice(0, 19);
  second = { ticks: start, text, etag: encodeURIComponent(text) };
  return Number(ticks - start);
}

/** The fraction of a second with its point; trailing zeros, and an empty fraction, are left out. */
function fractionText(fraction: number): string {
  if (fraction === 0) return "";
  let digits = 7;
  let left = fraction;
  for (; left % 10 === 0; left /= 10) digits -= 1;
  return `.${String(left).padStart(digits, "0")}`;
}

/** How the service spells a time. */
export function stamp(ticks: bigint): Stamp {
  if (ticks === last.ticks) return last;
  const fraction = fractionText(fractionOf(ticks));
  last = { ticks, text: `${second.text}${fraction}Z`, etag: `${second.etag}${fraction}Z` };
  return last;
}

/** As the service spells it: trailing zeros of the fraction, and an empty fraction, are left out. */
export function formatTicks(ticks: bigint): string {
  return stamp(ticks).text;
}

/** The ETag that belongs to a Timestamp. */
export function etagOf(ticks: bigint): string {
  return `W/"datetime'${stamp(ticks).etag}'"`;
}
