/** A map as it is written, before anything is known of it. */
export type Written = Readonly<Record<string, unknown>>;

export interface RuleContext {
  /** The source's owner handed over a SAS (`landbridge:sourceSas`). */
  readonly sourceSasGiven: boolean;
}

export type Finding = readonly [path: string, message: string];

/** The map under a key; empty where there is none. */
export function part(written: Written, key: string): Written {
  const value = written[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Written) : {};
}
