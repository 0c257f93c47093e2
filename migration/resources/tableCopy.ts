import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../access/accountRef";
import type { TableInput } from "./tableInput";
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
  /** How long a preview may count pending rows, in seconds, for all tables together. Default 20. */
  readonly planSecondsMax?: pulumi.Input<number>;
}

/** What the next run would do; a computed input that `check` adds, so that a preview shows it. */
export interface CopyPlan {
  /** Rows to write or delete; absent where it could not be known. */
  readonly pendingRows?: number;
  readonly tables: readonly { readonly table: string; readonly pendingRows: number }[];
  /** False: counting stopped at the deadline, and there are at least `pendingRows`. */
  readonly complete: boolean;
  /** One line for people. */
  readonly text: string;
}

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

/** Makes the destination match the source. Deleting it does nothing to data. */
export class TableCopy extends pulumi.dynamic.Resource {
  public declare readonly summary: pulumi.Output<string>;
  public declare readonly tableSummaries: pulumi.Output<TableSummary[]>;
  public declare readonly plan: pulumi.Output<CopyPlan>;
  /** Relative to the project. */
  public declare readonly reportPath: pulumi.Output<string>;
  /** Changes with every run that copied; verification follows it. */
  public declare readonly runId: pulumi.Output<string>;

  constructor(name: string, args: TableCopyArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { summary: undefined, tableSummaries: undefined, reportPath: undefined, runId: undefined };
    const props = {
      ...outputs,
      plan: undefined,
      ...args,
      source: pulumi.secret(args.source),
      destination: pulumi.secret(args.destination),
    };
    const secret = pulumi.mergeOptions(opts, { additionalSecretOutputs: ["source", "destination"] });
    super(shim("tableCopy"), name, props, secret, "landbridge", "TableCopy");
  }
}
