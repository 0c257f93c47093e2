/** One table to move, as a program asks for it. Plain JSON. */
export interface TableInput {
  readonly table: string;
  /** The table's name in the destination, where it changes. */
  readonly destinationTable?: string;
  /** Property name in the source -> property name in the destination. Bijective; case matters. */
  readonly renames?: Readonly<Record<string, string>>;
  /** replace (default): rows become equal. merge: the source's properties are all there, others stay. */
  readonly mode?: "replace" | "merge";
  /** OData filter on the source. */
  readonly filter?: string;
}
