/**
 * The one place that says where a store under contract is not like the service. A named quirk is asserted: the suite
 * goes red when a subject stops having it, and when a subject without it starts to.
 */
export interface Quirks {
  /** A property named `__proto__` is lost. */
  readonly losesProto: boolean;
  /** Properties named as members that every JavaScript object has (`constructor`, `toString`, ...) are lost. */
  readonly losesObjectMemberNames: boolean;
  /** A property named `hasOwnProperty` makes the server fail (500). */
  readonly failsOnHasOwnProperty: boolean;
  /** Double -0.0 comes back as 0.0. */
  readonly flattensNegativeZero: boolean;
  /** A 253rd property and an entity beyond 1 MiB are stored. */
  readonly lacksSizeLimits: boolean;
  /** A property name that is no identifier, such as `a-b`, is stored. */
  readonly acceptsAnyPropertyName: boolean;
  /** Dates before 1601 are stored. */
  readonly acceptsEarlyDates: boolean;
  /** An Int64 that needs more than 64 bits is stored. */
  readonly acceptsHugeIntegers: boolean;
  /** A `/` in a key makes the server fail (500) instead of refusing it. */
  readonly failsOnSlashInKey: boolean;
  /** Keys of more than 512 UTF-16 units (1 KiB) are refused. */
  readonly halvesKeyLength: boolean;
  /** U+2028 in a key, in a batch, makes the server fail (500). */
  readonly failsOnLineSeparatorInBatch: boolean;
  /**
   * In a batch, a row that is addressed (not inserted) and whose row key begins with a comma, or holds `',`, is looked
   * for and stored in another partition: `p',RowKey=`.
   */
  readonly misplacesCommaKeysInBatch: boolean;
}

export type Quirk = keyof Quirks;

const NONE: Quirks = {
  losesProto: false,
  losesObjectMemberNames: false,
  failsOnHasOwnProperty: false,
  flattensNegativeZero: false,
  lacksSizeLimits: false,
  acceptsAnyPropertyName: false,
  acceptsEarlyDates: false,
  acceptsHugeIntegers: false,
  failsOnSlashInKey: false,
  halvesKeyLength: false,
  failsOnLineSeparatorInBatch: false,
  misplacesCommaKeysInBatch: false,
};

export const DIFFERENCES = {
  simulated: NONE,
  memory: NONE,
  azurite: {
    losesProto: true,
    losesObjectMemberNames: true,
    failsOnHasOwnProperty: true,
    flattensNegativeZero: true,
    lacksSizeLimits: true,
    acceptsAnyPropertyName: true,
    acceptsEarlyDates: true,
    acceptsHugeIntegers: true,
    failsOnSlashInKey: true,
    halvesKeyLength: true,
    failsOnLineSeparatorInBatch: true,
    misplacesCommaKeysInBatch: true,
  },
} as const satisfies Readonly<Record<string, Quirks>>;
