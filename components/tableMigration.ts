import * as pulumi from "@pulumi/pulumi";
import type { MovePlan } from "../migration/engine/estimate/estimate";
import type { VerifyLevel } from "../migration/engine/settings";
import type { CopyPlan } from "../migration/handlers/copyPlan";
import { TableCopy, TableVerification, type TableInput, type TableSummary } from "../migration/resources";
import {
  isCosmosTarget,
  isHandedOver,
  sourceTables,
  TemporaryAccess,
  type DestinationAccount,
  type SourceAccount,
} from "./azure/temporaryAccess";
import { Fence, type FenceSettings } from "./azure/fence";
import { cosmosBundle } from "./azure/cosmosAccess";
import { storageBundle } from "./azure/signInAccess";
import type { PhaseSettings } from "./config/phase";
import { policyIdOf } from "./policyId";

export interface TableMigrationArgs {
  readonly source: SourceAccount;
  readonly destination: DestinationAccount;
  readonly tables: "all" | readonly TableInput[];
  /** closed: all temporary access goes, copy and verification stay as they were. Default open. */
  readonly temporaryAccess?: "open" | "closed";
  /** Default 72. */
  readonly sasLifetimeHours?: number;
  /** Public IPv4 addresses and CIDR ranges of the machines that copy. */
  readonly ipRanges?: readonly string[];
  /** Subnets of the machines that copy. */
  readonly subnetIds?: readonly pulumi.Input<string>[];
  /** The one address, or one range `from-to`, that alone may use the SAS. */
  readonly sasIpRange?: string;
  /** Rows that only the destination has. Default report. */
  readonly deletes?: "report" | "propagate" | "accept";
  /** Rows that somebody else changed in the destination. Default refuse. */
  readonly conflicts?: "refuse" | "overwrite";
  /** Default full: every row, on both sides. */
  readonly verification?: VerifyLevel;
  /** Rows per table of a `sample` verification. Default 1000. */
  readonly sampleRows?: number;
  /** Requests under way at once, at most, per account. */
  readonly concurrency?: number;
  /** How long a preview may count pending rows, in seconds. Default 20. */
  readonly planSecondsMax?: number;
  /** Path of a price file, relative to the project; without it what the copy costs is not known. */
  readonly prices?: string;
  /** What the copy's time and throughput are reckoned with. */
  readonly movePlan?: MovePlan;
  /** Where reports go, relative to the project. Default `.landbridge/reports`. */
  readonly reportFolder?: string;
  /** Any new text asks for the proof once more. */
  readonly verifyAgain?: string;
  /** What reports are signed with: a Key Vault key's address, or the path of a file with a private key in PEM. */
  readonly signingKey?: string;
  /** A move without downtime, and how far the stack wants it; absent: rows are copied, and that is all. */
  readonly phases?: PhaseSettings;
  /** In phases drained and done of a source that is managed here: how its writers are shut out. Default: not at all. */
  readonly fence?: FenceSettings;
  /** Identifier of the stored access policies. Default: from project and stack. */
  readonly policyId?: string;
  /** True: a MigrationHost copies and verifies, with the access that is opened here. Default false. */
  readonly elsewhere?: boolean;
}

/** What a move came to, wherever it ran. */
export interface MigrationResult {
  /** One line for people. */
  readonly summary: pulumi.Output<string>;
  /** `equal`, or what the level of verification lets one say; the phase reached in a move without downtime. */
  readonly verdict: pulumi.Output<string>;
  readonly tables: pulumi.Output<TableSummary[]>;
  /** Relative to the project. */
  readonly reportPath: pulumi.Output<string>;
  /** ISO 8601: when the proof ended; `never` while a move without downtime has none. */
  readonly verifiedAt: pulumi.Output<string>;
}

/** What copy and verification are told alike. */
type SharedInputs = Pick<
  ConstructorParameters<typeof TableVerification>[1],
  "source" | "destination" | "tables" | "deletes" | "frozen" | "reportFolder" | "signingKey" | "concurrency"
>;

/** At the end the journal is told by the deployer's own access: what the move had is not declared any more. */
function closing({ phases, destination }: TableMigrationArgs) {
  if (phases?.phase !== "done") return {};
  const { account } = destination;
  if (isCosmosTarget(destination)) {
    return { closing: { account, ...(!destination.localAuth && { bundle: cosmosBundle(destination) }) } };
  }
  const { signIn } = destination;
  return { closing: { account, ...(signIn && { bundle: storageBundle(signIn) }) } };
}

function proofSettings({ verification = "full", sampleRows = 1000 }: TableMigrationArgs) {
  return { level: verification, sampleRows };
}

/** Frozen resources keep what they did; they are given no credential, and need none. */
const NO_CREDENTIAL = "";

function resultOf(copy: TableCopy, verification: TableVerification | undefined): MigrationResult {
  const said = verification ?? copy;
  return {
    summary: said.summary,
    verdict: verification?.verdict ?? copy.reachedPhase.apply((phase) => phase ?? "sync"),
    tables: said.tableSummaries,
    reportPath: said.reportPath,
    verifiedAt: pulumi.output(said.verifiedAt).apply((at) => at ?? "never"),
  };
}

/**
 * Moves one set of tables: access, then preflight and copy, then the proof. A run that fails keeps what it achieved,
 * and the next one resumes there.
 */
export class TableMigration extends pulumi.ComponentResource {
  /** Absent where nobody is shut out, or not yet. */
  readonly fence: Fence | undefined;
  /** Absent once access is closed. */
  readonly access: TemporaryAccess | undefined;
  /** Absent where a host copies. */
  readonly copy: TableCopy | undefined;
  /**
   * Absent where a host verifies, and in a move without downtime: both sides are written meanwhile, and the copy proves
   * what can be proven.
   */
  readonly verification: TableVerification | undefined;
  /** What came of it; absent where a host copies, and tells. */
  readonly result: MigrationResult | undefined;

  constructor(name: string, args: TableMigrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:index:TableMigration", name, {}, opts);
    this.fence = this.shut(name, args);
    this.access = args.temporaryAccess === "closed" ? undefined : this.open(name, args);
    const copy = args.elsewhere === true ? undefined : this.move(name, args);
    this.copy = copy;
    this.verification = copy === undefined || args.phases !== undefined ? undefined : this.prove(name, args, copy);
    this.result = copy && resultOf(copy, this.verification);
    const { summary, verdict, reportPath } = this.result ?? {};
    this.registerOutputs({ summary, verdict, reportPath });
  }

  get summary(): pulumi.Output<string> {
    return this.here.summary;
  }

  get verdict(): pulumi.Output<string> {
    return this.here.verdict;
  }

  get tables(): pulumi.Output<TableSummary[]> {
    return this.here.tables;
  }

  get reportPath(): pulumi.Output<string> {
    return this.here.reportPath;
  }

  get verifiedAt(): pulumi.Output<string> {
    return this.here.verifiedAt;
  }

  private get here(): MigrationResult {
    if (this.result !== undefined) return this.result;
    throw new pulumi.RunError("This move runs elsewhere (`elsewhere: true`): ask the MigrationHost what came of it.");
  }

  private shared(args: TableMigrationArgs): SharedInputs {
    return {
      source: this.access?.source.bundle ?? NO_CREDENTIAL,
      destination: this.access?.destination.bundle ?? NO_CREDENTIAL,
      tables: args.tables === "all" ? args.tables : [...args.tables],
      deletes: args.deletes ?? "report",
      frozen: this.access === undefined,
      reportFolder: args.reportFolder ?? ".landbridge/reports",
      ...(args.signingKey === undefined ? {} : { signingKey: args.signingKey }),
      ...(args.concurrency === undefined ? {} : { concurrency: args.concurrency }),
    };
  }

  private move(name: string, args: TableMigrationArgs): TableCopy {
    return new TableCopy(
      `${name}-copy`,
      {
        ...this.shared(args),
        ...this.ambient(args),
        ...closing(args),
        ...args.phases,
        ...(this.fence === undefined ? {} : { afterFence: this.fence.shutOn }),
        conflicts: args.conflicts ?? "refuse",
        planSecondsMax: args.planSecondsMax ?? 20,
        ...(args.prices === undefined ? {} : { prices: args.prices }),
        ...(args.movePlan === undefined ? {} : { movePlan: args.movePlan }),
        ...(args.phases === undefined && { verification: proofSettings(args) }),
      },
      { parent: this },
    );
  }

  private prove(name: string, args: TableMigrationArgs, copy: TableCopy): TableVerification {
    return new TableVerification(
      `${name}-verification`,
      {
        ...this.shared(args),
        ...proofSettings(args),
        afterRun: copy.runId,
        ...(args.prices === undefined ? {} : { prices: args.prices }),
        // A copy that is frozen may have no plan.
        told: copy.plan.apply((plan: CopyPlan | undefined) => plan?.proof),
        ...(args.verifyAgain === undefined ? {} : { again: args.verifyAgain }),
      },
      { parent: this },
    );
  }

  private open(name: string, args: TableMigrationArgs): TemporaryAccess {
    const { ipRanges, subnetIds, sasIpRange } = args;
    const terms = {
      lifetimeHours: args.sasLifetimeHours ?? 72,
      policyId: args.policyId ?? policyIdOf(pulumi.getProject(), pulumi.getStack()),
      ...(ipRanges === undefined ? {} : { ipRanges }),
      ...(subnetIds === undefined ? {} : { subnetIds }),
      ...(sasIpRange === undefined ? {} : { sasIpRange }),
    };
    const { source, destination, tables } = args;
    const sides = { source, destination, tables, ...(this.fence === undefined ? {} : { fence: this.fence }) };
    return new TemporaryAccess(`${name}-access`, { ...sides, terms }, { parent: this });
  }

  /** Before what reads the source for the last time, and for as long as the stack says so: access comes and goes. */
  private shut(name: string, args: TableMigrationArgs): Fence | undefined {
    const { fence, phases, source, ipRanges = [], subnetIds = [] } = args;
    if (fence === undefined || (phases?.phase !== "drained" && phases?.phase !== "done")) return undefined;
    if (isHandedOver(source)) {
      throw new pulumi.RunError("A source whose owner handed over a credential is not touched: ask for no fence.");
    }
    const ours = { ipRanges, subnetIds, tables: sourceTables(args.tables) };
    const frozen = args.temporaryAccess === "closed";
    return new Fence(`${name}-fence`, { ...fence, ...ours, source, frozen }, { parent: this });
  }

  /** Previews count pending rows by the deployer's own authority: that of both sides, or none. */
  private ambient(args: TableMigrationArgs) {
    if (this.access === undefined || isHandedOver(args.source)) return {};
    // An account that signs in by Entra ID has no key that a preview could borrow.
    const { source, destination } = args;
    if (isCosmosTarget(destination)) return {};
    return {
      ...(source.signIn === undefined && { sourceAccount: source.account }),
      ...(destination.signIn === undefined && { destinationAccount: destination.account }),
    };
  }
}
