import type { Billing, Estimate, MovePlan } from "../engine/estimate/estimate";
import type { OperationalError } from "../engine/errors";
import type { Proof } from "../engine/estimate/estimateProof";
import type { Counted } from "../engine/estimate/expectedWrites";
import type { PreflightOutcome, RunOutcome } from "../engine/outcome";
import type { ProgressSample } from "../engine/progress";
import type { CopyMode } from "../engine/rowFormat";
import type { ConflictPolicy, DeletePolicy, ProofLevel } from "../engine/settings";
import type { SyncSettings } from "../engine/sync/syncSettings";
import type { Report } from "../report/schema";
import type { Cost } from "./cost";

/**
 * Requests under way at once, per account. Where rows go in batches half as many fill an account; where every row is a
 * request, an answer that takes 5 ms would hold 16 of them to some 2,000 rows a second.
 */
export const CONCURRENCY_DEFAULT = 32;

/** What one table wants otherwise than the rest. */
export interface TableOverride {
  readonly table: string;
  readonly destinationTable?: string;
  /** Property names; case matters. */
  readonly renames?: readonly { readonly from: string; readonly to: string }[];
  readonly mode?: CopyMode;
  /** OData filter on the source. */
  readonly filter?: string;
}

/** Which tables, and how. Plain JSON, so that resources can hand it over. */
export interface TableSelection {
  /** "all" means every table the source lists, except landbridge's own. */
  readonly names: readonly string[] | "all";
  /** For tables without a mode of their own. */
  readonly mode: CopyMode;
  /** For tables without a filter of their own. */
  readonly filter?: string;
  readonly overrides: readonly TableOverride[];
}

/** A credential as it came (connection string, SAS URL, bundle JSON), and what to call it in an error. */
export interface CredentialText {
  readonly text: string;
  /** `LANDBRIDGE_SOURCE`, `the source bundle`, ... */
  readonly origin: string;
}

/** An account that is known not to be there yet: to a dry run it is a place without tables. */
export interface NothingYet {
  /** The account's name. */
  readonly nothingYet: string;
  /** How it will be billed. */
  readonly billing: Billing;
}

/** What a live move is asked for; what is left out has its default. */
export type SyncRequest = Pick<SyncSettings, "phase"> & Partial<SyncSettings>;

/**
 * A source that nobody opens any more, by what the journal knows it by. For phase "done" only: it marks the move as
 * over, and the source's access, or its tables, may be gone by then.
 */
export interface KnownSource {
  readonly identity: string;
}

/** One run, whoever asked for it: the command line, a resource, a test. */
export interface ExecuteRequest {
  /** copy verifies afterwards, at `level`; with none, whoever asked does so. */
  readonly command: "copy" | "verify" | "preflight" | "sync";
  /** Reckon beforehand what the copy takes, with what is known of it. Absent: nothing is reckoned. */
  readonly plan?: MovePlan;
  /** Where a plan is: a dry run under way, whose count is waited for; and a verification to be reckoned beside it. */
  readonly counted?: Promise<Counted>;
  readonly proof?: Proof;
  /** Path of a price file: what was reckoned, and what was used, is priced, too. */
  readonly prices?: string;
  /** What was told of this run before, to be held against what it really uses. */
  readonly told?: Estimate;
  /** Of a live move: needed by `sync`, and by it alone. */
  readonly sync?: SyncRequest;
  /** `KnownSource` in phase "done" only. */
  readonly source: CredentialText | KnownSource;
  /** `NothingYet` in dry runs only. */
  readonly destination: CredentialText | NothingYet;
  readonly selection: TableSelection;
  readonly deletes: DeletePolicy;
  readonly conflicts: ConflictPolicy;
  /** Level of verification, default "full". */
  readonly level?: ProofLevel;
  /** Rows of a `sample` verification, per table, default 1000. */
  readonly sampleRows?: number;
  /** Seed of a sample; default: drawn at random, and written into the report. */
  readonly seed?: number;
  /** Requests under way at once per account, default 32. */
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  /** Values of differing properties in reports and in the differences file. Default false: names and types only. */
  readonly showValues?: boolean;
  /** What the report is signed with: a private key in PEM, or a Key Vault key's address. Needs `reportFile`. */
  readonly signing?: CredentialText;
  /** Paths of files to write; their folders must exist. */
  readonly reportFile?: string;
  readonly htmlFile?: string;
  readonly differencesFile?: string;
  readonly progress?: (sample: ProgressSample) => void;
  /** What a person should know while it goes on: whom the run waits for, which table is created. */
  readonly notice?: (text: string) => void;
  /** Stops the run at the next acknowledged batch. */
  readonly signal?: AbortSignal;
  /** Default: a fresh random one. */
  readonly runId?: string;
  /** Who holds the lease, for people; default `user@host (process id)`. */
  readonly owner?: string;
}

/**
 * 0 done and equal; 1 differences or refused conflicts; 2 nothing was written, and what was given is wrong or cannot be
 * reached; 3 it began and could not finish (the same command resumes).
 */
export type ExitCode = 0 | 1 | 2 | 3;

/** Errors are data here: `execute` rejects only for defects of its own. */
export interface ExecuteResult {
  readonly exitCode: ExitCode;
  readonly outcome?: RunOutcome;
  readonly preflight?: PreflightOutcome;
  /** Where prices were given: of the move, and of a month after it. */
  readonly cost?: { readonly move: Cost; readonly month: Cost };
  /** Of prices that were looked up long ago. */
  readonly warning?: string;
  readonly report?: Report;
  /** The report's signature, where it was to be signed. */
  readonly signatureFile?: string;
  /** What the journal knows the source by. */
  readonly sourceIdentity?: string;
  readonly error?: OperationalError;
}
