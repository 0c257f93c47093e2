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
  /** Rows come in no order. */
  readonly isUnordered: boolean;
  /** An empty partition key or row key is refused. */
  readonly refusesEmptyKeys: boolean;
  /** A row key has 255 bytes of UTF-8 at most. */
  readonly shortensRowKeys: boolean;
  /** Properties named `id`, `rid`, `etag` and `ResourceId`, in any case, are refused. */
  readonly refusesReservedNames: boolean;
  /** A string beyond 64 KiB is stored. */
  readonly lacksValueLimit: boolean;
  /** `Cities` and `cities` are two tables. */
  readonly tellsTableCase: boolean;
  /** A table asked for in another case is not found, and is there all the same for who would create it. */
  readonly confusesTableCase: boolean;
  /** What changed since a time cannot be asked for. */
  readonly refusesChangedSince: boolean;
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
  isUnordered: false,
  refusesEmptyKeys: false,
  shortensRowKeys: false,
  refusesReservedNames: false,
  lacksValueLimit: false,
  tellsTableCase: false,
  confusesTableCase: false,
  refusesChangedSince: false,
};

export const DIFFERENCES = {
  simulated: NONE,
  simulatedCosmos: {
    ...NONE,
    lacksSizeLimits: true,
    isUnordered: true,
    refusesEmptyKeys: true,
    shortensRowKeys: true,
    refusesReservedNames: true,
    lacksValueLimit: true,
    tellsTableCase: true,
    refusesChangedSince: true,
  },
  memory: NONE,
  azurite: {
    ...NONE,
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
    confusesTableCase: true,
  },
} as const satisfies Readonly<Record<string, Quirks>>;
