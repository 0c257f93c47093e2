/** One resource that a test wants, with any of Pulumi's options. */
export interface ThingWanted {
  readonly name: string;
  /** A component without inputs instead of a Thing. */
  readonly component?: boolean;
  /** Names of things declared before it. */
  readonly parent?: string;
  readonly dependsOn?: readonly string[];
  /** The thing whose serial is an input of this one. */
  readonly from?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** A secret input. */
  readonly secret?: string;
  readonly additional?: string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deleteBeforeReplace?: boolean;
  readonly ignoreChanges?: string[];
  readonly replaceOnChanges?: string[];
  readonly aliases?: { readonly name: string }[];
}

export interface Scenario {
  readonly things: readonly ThingWanted[];
  readonly print?: string;
  /** An error meant for people. */
  readonly throws?: string;
  /** An error that nobody expects. */
  readonly breaks?: string;
  /** An output that never resolves. */
  readonly hangs?: boolean;
}
