import * as pulumi from "@pulumi/pulumi";
import type { VerifyLevel } from "../engine/settings";
import type { TableSummary } from "../handlers/tableSummary";
import { shim } from "./shim";

export interface HostReportArgs {
  /** What the host was asked to do, in order. */
  readonly steps: pulumi.Input<pulumi.Input<"copy" | "verify">[]>;
  /**
   * What it printed for each, on standard output, or the address of the blob that holds it; empty once access is
   * closed.
   */
  readonly outcomes: pulumi.Input<pulumi.Input<string>[]>;
  /** The HostRun's, which outcomes must be of, and which reports are named after; absent once access is closed. */
  readonly runId?: pulumi.Input<string>;
  /** The level that was asked for. */
  readonly level: pulumi.Input<VerifyLevel>;
  /** Names in the source of all that must be told of. */
  readonly tables: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /** True once access is closed: what was brought back last stays. */
  readonly frozen: pulumi.Input<boolean>;
  /** Where reports go, relative to the project. */
  readonly reportFolder: pulumi.Input<string>;
  /** What reports are signed with: a Key Vault key's address, or the path of a private key. */
  readonly signingKey?: pulumi.Input<string>;
  /** The host, for people. */
  readonly host: pulumi.Input<string>;
  /** The tenant whose blobs hold outcomes. */
  readonly tenantId?: pulumi.Input<string>;
}

/** What a host brought back, checked and kept; fails unless the host did all it was asked to do, and proved it. */
export class HostReport extends pulumi.dynamic.Resource {
  public declare readonly verdict: pulumi.Output<string>;
  public declare readonly summary: pulumi.Output<string>;
  public declare readonly tableSummaries: pulumi.Output<TableSummary[]>;
  /** Relative to the project. */
  public declare readonly reportPath: pulumi.Output<string>;
  /** ISO 8601: when the verification on the host ended. */
  public declare readonly verifiedAt: pulumi.Output<string>;

  constructor(name: string, args: HostReportArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { verdict: undefined, summary: undefined, tableSummaries: undefined, reportPath: undefined };
    super(shim("hostReport"), name, { ...outputs, verifiedAt: undefined, ...args }, opts, "landbridge", "HostReport");
  }
}
