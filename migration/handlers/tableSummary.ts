/** The numbers of a run, one entry per table. */
export interface TableSummary {
  readonly table: string;
  readonly destinationTable: string;
  readonly verdict: string;
  readonly sourceRows: number;
  readonly destinationRows: number;
  readonly written: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly conflicts: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}
