import * as pulumi from "@pulumi/pulumi";
import type { Estimate } from "../engine/estimate/estimate";
import type { VerifyLevel } from "../engine/settings";
import type { TableInput } from "./tableInput";
import type { TableSummary } from "../handlers/tableSummary";
import { shim } from "./shim";

export interface TableVerificationArgs {
  /** As for TableCopy. Secret. */
  readonly source: pulumi.Input<string>;
  readonly destination: pulumi.Input<string>;
  readonly tables: pulumi.Input<"all" | pulumi.Input<TableInput>[]>;
  readonly level: pulumi.Input<VerifyLevel>;
  /** The copy's `runId`: a new run is verified anew. */
  readonly afterRun: pulumi.Input<string>;
  /** Any new text asks for the proof once more, as a schedule does. Leaving it out again asks for nothing. */
  readonly again?: pulumi.Input<string>;
  /** As for TableCopy: with `accept`, rows that only the destination has are no difference. */
  readonly deletes: pulumi.Input<"report" | "propagate" | "accept">;
  readonly concurrency?: pulumi.Input<number | undefined>;
  /** Rows per table at level `sample`. */
  readonly sampleRows?: pulumi.Input<number>;
  /** Path of a price file, as for TableCopy: the report tells what it cost, where `told` says what was expected. */
  readonly prices?: pulumi.Input<string>;
  /** The copy's `plan.proof`: what a preview told of this verification, to be held against what it takes. */
  readonly told?: pulumi.Input<Estimate | undefined>;
  /** True once access is closed: the last verdict stays. */
  readonly frozen: pulumi.Input<boolean>;
  /** Where reports go, relative to the project. */
  readonly reportFolder: pulumi.Input<string>;
  /** What reports are signed with: a Key Vault key's address, or the path of a file with a private key in PEM. */
  readonly signingKey?: pulumi.Input<string>;
}

/** Proves that both sides are equal, or fails with table, counts and the first differences. */
export class TableVerification extends pulumi.dynamic.Resource {
  public declare readonly verdict: pulumi.Output<string>;
  public declare readonly summary: pulumi.Output<string>;
  public declare readonly tableSummaries: pulumi.Output<TableSummary[]>;
  /** Relative to the project. */
  public declare readonly reportPath: pulumi.Output<string>;
  /** ISO 8601. */
  public declare readonly verifiedAt: pulumi.Output<string>;

  constructor(name: string, args: TableVerificationArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { verdict: undefined, summary: undefined, tableSummaries: undefined, reportPath: undefined };
    // Credentials are inputs only, marked as secrets: the handler's outputs do not hold them.
    const props = {
      ...outputs,
      verifiedAt: undefined,
      ...args,
      source: pulumi.secret(args.source),
      destination: pulumi.secret(args.destination),
    };
    super(shim("tableVerification"), name, props, opts, "landbridge", "TableVerification");
  }
}
