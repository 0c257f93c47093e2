/** Looks up a header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/** Longest wait that is believed: a larger one is a mistake, or as good as a refusal. */
const RETRY_AFTER_MS_MAX = 10 * 60 * 1000;

function bounded(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, RETRY_AFTER_MS_MAX) : undefined;
}

function number(text: string | undefined): number | undefined {
  return text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text) ? undefined : Number(text);
}

/**
 * How long the service asks to wait: `retry-after-ms` and `x-ms-retry-after-ms` in milliseconds, `Retry-After` in
 * seconds or as a date (measured against the service's own clock, its Date header). Undefined where it does not say.
 */
export function retryAfterMs(header: HeaderReader): number | undefined {
  const ms = number(header("retry-after-ms")) ?? number(header("x-ms-retry-after-ms"));
  if (ms !== undefined) return bounded(ms);
  const text = header("retry-after");
  const seconds = number(text);
  if (seconds !== undefined) return bounded(seconds * 1000);
  const until = Date.parse(text ?? "");
  if (Number.isNaN(until)) return undefined;
  const now = Date.parse(header("date") ?? "");
  return bounded(Math.max(0, until - (Number.isNaN(now) ? Date.now() : now)));
}
