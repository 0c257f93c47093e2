/** Between what two numbers something lies. Equal: it was counted. Without a high one nobody can say how much more. */
export interface Span {
  readonly low: number;
  readonly high?: number;
}

export const NOTHING: Span = { low: 0, high: 0 };

export function exactly(value: number): Span {
  return { low: value, high: value };
}

export function span(low: number, high: number | undefined): Span {
  return high === undefined ? { low } : { low, high: Math.max(low, high) };
}

export function plus(...spans: readonly Span[]): Span {
  let low = 0;
  let high: number | undefined = 0;
  for (const one of spans) {
    low += one.low;
    high = high === undefined || one.high === undefined ? undefined : high + one.high;
  }
  return span(low, high);
}

/** `low` and `high` times; factors of zero and more. */
export function times({ low, high }: Span, lowFactor: number, highFactor = lowFactor): Span {
  return span(low * lowFactor, highFactor === 0 ? 0 : high === undefined ? undefined : high * highFactor);
}

/** The larger of both, at either end. */
export function atLeast(a: Span, b: Span): Span {
  const high = a.high === undefined || b.high === undefined ? undefined : Math.max(a.high, b.high);
  return span(Math.max(a.low, b.low), high);
}

/** Whole numbers around it. */
export function whole({ low, high }: Span): Span {
  return span(Math.floor(low), high === undefined ? undefined : Math.ceil(high));
}
