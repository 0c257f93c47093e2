import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../access/accountRef";
import type { MovePlan } from "../engine/estimate/estimate";
import type { VerifyLevel } from "../engine/settings";
import type { CopyPlan } from "../handlers/copyPlan";
import type { TableInput } from "./tableInput";
import type { TableSummary } from "../handlers/tableSummary";
import { shim } from "./shim";

export interface TableCopyArgs {
  /** Credential bundles (JSON), a connection string or a SAS URL. Secret. Not needed while `frozen`. */
  readonly source: pulumi.Input<string>;
  readonly destination: pulumi.Input<string>;
  /** With these, a preview counts pending rows by the deployer's own authority; without them it cannot. */
  readonly sourceAccount?: pulumi.Input<AccountRef | undefined>;
  readonly destinationAccount?: pulumi.Input<AccountRef | undefined>;
  /** `all`: every table that the source credential is for. */
  readonly tables: pulumi.Input<"all" | pulumi.Input<TableInput>[]>;
  readonly deletes: pulumi.Input<"report" | "propagate" | "accept">;
  readonly conflicts: pulumi.Input<"refuse" | "overwrite">;
  /** Requests under way at once, at most, per account. */
  readonly concurrency?: pulumi.Input<number | undefined>;
  /** True once access is closed: what was copied stays as it is, nothing is read or written. */
  readonly frozen: pulumi.Input<boolean>;
  /** Where reports go, relative to the project. */
  readonly reportFolder: pulumi.Input<string>;
  /** What reports are signed with: a Key Vault key's address, or the path of a file with a private key in PEM. */
  readonly signingKey?: pulumi.Input<string>;
  /** How long a preview may count pending rows, in seconds, for all tables together. Default 20. */
  readonly planSecondsMax?: pulumi.Input<number>;
  /** Path of a price file (docs/cost.md), relative to the project: previews and the report tell what the copy costs. */
  readonly prices?: pulumi.Input<string>;
  /** What the copy's time and throughput are reckoned with, as far as it is known. */
  readonly movePlan?: pulumi.Input<MovePlan>;
  /** The TableVerification that follows: previews reckon it, too. */
  readonly verification?: pulumi.Input<{
    readonly level: VerifyLevel;
    readonly sampleRows: number;
  }>;
  /** Of a live move (docs/zero-downtime.md); without it, the destination is made equal once with every run. */
  readonly phase?: pulumi.Input<"sync" | "switched" | "drained" | "done" | undefined>;
  /** Late changes that could overwrite newer data. Default `report`: they fail the step, and nothing is overwritten. */
  readonly lateConflicts?: pulumi.Input<"report" | "source-wins" | "destination-wins" | undefined>;
  /** How long nobody may have written the source before it counts as drained. Default 60. */
  readonly quietMinutes?: pulumi.Input<number | undefined>;
  /** Hours between passes over both sides. Default 24. */
  readonly reconcileEveryHours?: pulumi.Input<number | undefined>;
  /** Of a live move whose source is shut: when that was. What was drained before is read and verified once more. */
  readonly afterFence?: pulumi.Input<string | undefined>;
  /** With phase `done`: how the journal is told, since access is no longer declared. Holds no secret. */
  readonly closing?: pulumi.Input<{
    readonly account: pulumi.Input<AccountRef>;
    /** Where no key opens the account: the bundle that says to sign in. */
    readonly bundle?: pulumi.Input<string>;
  } | undefined>;
}

/** Makes the destination match the source. Deleting it does nothing to data. */
export class TableCopy extends pulumi.dynamic.Resource {
  public declare readonly summary: pulumi.Output<string>;
  public declare readonly tableSummaries: pulumi.Output<TableSummary[]>;
  public declare readonly plan: pulumi.Output<CopyPlan>;
  /** Relative to the project. */
  public declare readonly reportPath: pulumi.Output<string>;
  /** Changes with every run that copied; verification follows it. */
  public declare readonly runId: pulumi.Output<string>;
  /** Of a live move: the phase of the table that is least far, by the journal. */
  public declare readonly reachedPhase: pulumi.Output<string | undefined>;
  /** ISO 8601: when the last verification of a move that is drained ended. */
  public declare readonly verifiedAt: pulumi.Output<string | undefined>;
  /** Every change of a source that is older is applied. */
  public declare readonly lagSeconds: pulumi.Output<number | undefined>;
  /** Late changes that the last run applied, and those that it left alone. */
  public declare readonly lateApplied: pulumi.Output<number | undefined>;
  public declare readonly lateConflictRows: pulumi.Output<number | undefined>;

  constructor(name: string, args: TableCopyArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      summary: undefined, tableSummaries: undefined, reportPath: undefined, runId: undefined, verifiedAt: undefined,
      reachedPhase: undefined, lagSeconds: undefined, lateApplied: undefined, lateConflictRows: undefined,
    };
    // Credentials are inputs only, marked as secrets: the handler's outputs do not hold them.
    const props = {
      ...outputs,
      plan: undefined,
      ...args,
      source: pulumi.secret(args.source),
      destination: pulumi.secret(args.destination),
    };
    super(shim("tableCopy"), name, props, opts, "landbridge", "TableCopy");
  }
}
