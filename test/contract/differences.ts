/**
 * The one place that says where a store under contract is not like the service. A named quirk is asserted: the suite
 * goes red when a subject stops having it, and when a subject without it starts to.
 */
export interface Quirks {
  /** A property named `__proto__` is lost. */
  readonly dropsProto: boolean;
  /** A property named `constructor` is lost. */
  readonly dropsConstructor: boolean;
  /** Double -0.0 comes back as 0.0. */
  readonly flattensNegativeZero: boolean;
  /** A string beyond 64 KiB, a 253rd property and an entity beyond 1 MiB are stored. */
  readonly lacksSizeLimits: boolean;
  /** A property name that is no identifier, such as `a-b`, is stored. */
  readonly acceptsAnyPropertyName: boolean;
  /** Dates before 1601 are stored. */
  readonly acceptsEarlyDates: boolean;
  /** A key with `/`, `\`, `#` or `?` is stored. */
  readonly acceptsForbiddenKeyCharacters: boolean;
}

export type Quirk = keyof Quirks;

const NONE: Quirks = {
  dropsProto: false,
  dropsConstructor: false,
  flattensNegativeZero: false,
  lacksSizeLimits: false,
  acceptsAnyPropertyName: false,
  acceptsEarlyDates: false,
  acceptsForbiddenKeyCharacters: false,
};

export const DIFFERENCES = {
  simulated: NONE,
  memory: NONE,
  azurite: {
    ...NONE,
    dropsProto: true,
    dropsConstructor: true,
    flattensNegativeZero: true,
    lacksSizeLimits: true,
    acceptsAnyPropertyName: true,
    acceptsEarlyDates: true,
    acceptsForbiddenKeyCharacters: true,
  },
} as const satisfies Readonly<Record<string, Quirks>>;
