/** How a service spells its answers: what a client must not depend on, and often does. */
export interface Spelling {
  /** The ETag that belongs to a Timestamp, in 100 ns ticks since 1601. */
  readonly etag: (ticks: bigint) => string;
  readonly dateTime: (ticks: bigint) => string;
  /** Timestamp stands behind the properties, not before them. */
  readonly timestampLast: boolean;
  /** What `$select` names and an entity lacks comes as null; otherwise it does not come. */
  readonly selectsMissingAsNull: boolean;
  /** A page's `value` stands before its `odata.metadata`. */
  readonly valueFirst: boolean;
  /** The `odata.metadata` of one entity: `suffix` is `Table/@Element` with what was selected. */
  readonly elementLink: (root: string, suffix: string, table: string) => string;
  /** Ends the message of an error. */
  readonly suffix: (id: string, nowMs: number) => string;
  readonly errors: {
    readonly language: string;
    /** Follows the body. */
    readonly end: string;
    /** Errors come in JSON whatever was asked for. */
    readonly alwaysJson: boolean;
  };
  /** Of every answer, besides Date and request id. */
  readonly headers: Readonly<Record<string, string>>;
}
