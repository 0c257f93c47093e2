import { refuseCredential } from "./problem";
import type { Reading } from "./problem";

/** Clocks differ a little; within this, a token that begins or ends now is left to the service to judge. */
const CLOCK_TOLERANCE_MS = 60_000;

export interface SasFacts {
  /** The token as it came, without leading "?". */
  readonly sas: string;
  readonly kind: "account" | "table";
  /** Of a table SAS: the table it is for. */
  readonly table: string | undefined;
}

/** `se` and `st` may be a date, or end in minutes or seconds: all are ISO 8601 in UTC. */
function instantMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function readInstant(reading: Reading, what: string, name: string, text: string): number {
  const ms = instantMs(text);
  if (ms === undefined) {
    refuseCredential(reading, "SasInvalid", `${what} has a time (${name}) that is not ISO 8601 in UTC, such as ` +
      "2026-01-31T00:00:00Z. Copy the token whole, or make a new one.");
  }
  return ms;
}

function checkTimes(reading: Reading, what: string, fields: URLSearchParams): void {
  const ends = fields.get("se");
  if (ends !== null) {
    const endsMs = readInstant(reading, what, "se", ends);
    if (endsMs + CLOCK_TOLERANCE_MS < reading.nowMs) {
      refuseCredential(reading, "SasExpired",
        `${what} expired at ${new Date(endsMs).toISOString()}. Ask for a new one, or run the program that makes it.`);
    }
  }
  const begins = fields.get("st");
  if (begins === null) return;
  const beginsMs = readInstant(reading, what, "st", begins);
  if (beginsMs - CLOCK_TOLERANCE_MS > reading.nowMs) {
    refuseCredential(reading, "SasNotYetValid", `${what} is not valid before ${new Date(beginsMs).toISOString()}. ` +
      "Wait until then; if that is past, set this machine's clock.");
  }
}

/**
 * Looks at a shared access signature before it is used: is it whole, is it for tables, is it valid now.
 * `what` names it in errors. Throws `SasInvalid`, `SasExpired`, `SasNotYetValid`.
 */
export function readSas(reading: Reading, what: string, token: string): SasFacts {
  const sas = token.replace(/^\?/, "");
  const fields = new URLSearchParams(sas);
  if (/[\s#]/.test(sas) || (fields.get("sig") ?? "") === "") {
    refuseCredential(reading, "SasInvalid",
      `${what} has no signature (sig=...), or was broken by a space or line end. Copy the whole token, in quotes.`);
  }
  checkTimes(reading, what, fields);
  const table = fields.get("tn");
  if (table !== null) return { sas, kind: "table", table };
  const services = fields.get("ss");
  if (services === null || fields.get("srt") === null) {
    refuseCredential(reading, "SasInvalid", `${what} is neither an account SAS (with ss= and srt=) nor a table SAS ` +
      "(with tn=). Make one for the table service.");
  }
  if (!services.includes("t")) {
    refuseCredential(reading, "SasInvalid", `${what} is not for tables: its services (ss) lack "t". ` +
      "Make one that allows the table service.");
  }
  return { sas, kind: "account", table: undefined };
}
