import { z } from "zod";
import { OperationalError } from "../engine/errors";
import type { VerifyLevel } from "../engine/settings";
import { isBelow } from "./levels";

const resource = z.object({
  urn: z.string(),
  type: z.string(),
  outputs: z.record(z.string(), z.unknown()).nullish(),
  /** What failed half-way: the outputs are those of what was achieved. */
  initErrors: z.array(z.unknown()).nullish(),
});

/** What `pulumi stack export` prints, as far as it concerns a move; secrets in it are encrypted. */
const exported = z.object({
  deployment: z.object({
    resources: z.array(resource).nullish(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});

type Resource = z.infer<typeof resource>;

/** A stack's resources, by which what it did is judged: its outputs stay as they were when an update fails. */
export interface StackState {
  readonly resources: readonly Resource[];
  /** An update was cut off, and what it came to is not known. */
  readonly isPending: boolean;
}

const HOUR_MS = 3_600_000;
/** Both sides were read and compared, and nothing came of it. */
const PROVEN = ["equal", "drained", "done"];
const REMEDY = "Verify first: run the workflow verify, or an `up` that succeeds.";

/** Reads what `pulumi stack export` prints. Throws OperationalError `StateUnreadable`. */
export function readState(text: string, origin: string): StackState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = exported.safeParse(value);
  if (!parsed.success) {
    throw new OperationalError({
      code: "StateUnreadable",
      message: `${origin} holds no stack's state. Give what \`pulumi stack export\` prints; a stack's outputs will not `
        + "do, since they stay as they were when an update fails.",
    });
  }
  const { resources, pending_operations: pending } = parsed.data.deployment;
  return { resources: resources ?? [], isPending: (pending ?? []).length > 0 };
}

/** `pulumi-nodejs:dynamic/landbridge:TableCopy`, and components of ours. */
function ofType({ resources }: StackState, ...names: readonly string[]): readonly Resource[] {
  return resources.filter(({ type }) => {
    return /(^|[:/])landbridge:/.test(type) && names.some((name) => type.endsWith(`:${name}`));
  });
}

const nameOf = ({ urn }: Resource) => urn.slice(urn.lastIndexOf("::") + 2);
const outputOf = ({ outputs }: Resource, name: string): unknown => outputs?.[name];
/** What it says of the tables; a move without downtime says how far it came. */
const verdictOf = (proof: Resource): unknown => outputOf(proof, "verdict") ?? outputOf(proof, "reachedPhase");
const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

/** What one resource says of the tables, and what it is worth. */
export interface Proof {
  readonly verdict: unknown;
  readonly verifiedAt: unknown;
  /** Why it proves nothing, whatever it says. */
  readonly flaw?: string;
}

/** A refresh takes the errors away, and not what the run came to. */
function hasFailed(one: Resource): boolean {
  return (one.initErrors ?? []).length > 0 || outputOf(one, "complete") === false;
}

/** A host that was told to run, and whose report did not come back, may have written. */
function runWithoutReport(state: StackState, proof: Resource): unknown {
  if (!proof.type.endsWith(":HostReport")) return undefined;
  const runs = ofType(state, "HostRun").map((run) => outputOf(run, "runId"));
  return runs.includes(outputOf(proof, "runId")) ? undefined : runs[0];
}

function flawOf(state: StackState, proof: Resource, levelMin: VerifyLevel): string | undefined {
  const copies = ofType(state, "TableCopy");
  const verdict = verdictOf(proof);
  const told = `${nameOf(proof)} says ${shown(verdict)}`;
  if (!PROVEN.some((one) => one === verdict)) return `${told}, which is no proof.`;
  if (hasFailed(proof)) return `${told}, and its last run failed.`;
  const level = outputOf(proof, "level");
  if (level !== undefined && isBelow(level, levelMin)) return `${told} at level ${shown(level)}, not ${levelMin}.`;
  const unfinished = copies.find((copy) => outputOf(copy, "complete") !== true || hasFailed(copy));
  if (unfinished !== undefined) return `The last run of ${nameOf(unfinished)} did not end well, and may have written.`;
  const later = runWithoutReport(state, proof);
  if (later !== undefined) return `${told}, and the host's run ${shown(later)} after it brought no report back.`;
  const after = outputOf(proof, "afterRun");
  const isLast = after === undefined || copies.length === 0 || copies.some((copy) => outputOf(copy, "runId") === after);
  return isLast ? undefined : `${told}, and rows were copied after that (it is of run ${shown(after)}).`;
}

/** What the stack knows of its tables: one proof for each move that it makes. */
export function proofsOf(state: StackState, levelMin: VerifyLevel = "full"): readonly Proof[] {
  const copies = ofType(state, "TableCopy");
  // A move without downtime proves by itself what can be proven.
  const live = copies.filter((copy) => outputOf(copy, "phase") !== undefined);
  return [...ofType(state, "TableVerification", "HostReport"), ...live].map((proof) => {
    const flaw = flawOf(state, proof, levelMin);
    return {
      verdict: verdictOf(proof),
      verifiedAt: outputOf(proof, "verifiedAt"),
      ...(flaw !== undefined && { flaw }),
    };
  });
}

function hours(ms: number): string {
  return `${(ms / HOUR_MS).toFixed(1)} h`;
}

function tooOld({ verifiedAt }: Proof, nowMs: number, hoursMax: number): string | undefined {
  const atMs = typeof verifiedAt === "string" ? Date.parse(verifiedAt) : Number.NaN;
  if (Number.isNaN(atMs)) return `Nothing says when the verdict was reached. ${REMEDY}`;
  const ageMs = nowMs - atMs;
  const told = `The proof is of ${String(verifiedAt)}`;
  if (ageMs < 0) return `${told}, which is still to come by this machine's clock. Set it right, or that of the host.`;
  return ageMs <= hoursMax * HOUR_MS ? undefined
    : `${told}, ${hours(ageMs)} ago, and may be ${hoursMax} h old at most. ${REMEDY}`;
}

export interface Freshness {
  readonly hoursMax: number;
  /** The least that counts as a proof. */
  readonly levelMin: VerifyLevel;
}

/** Why the tables do not count as proven equal within the last hours; undefined where they do. */
export function notFresh(state: StackState, nowMs: number, { hoursMax, levelMin }: Freshness): string | undefined {
  const proofs = proofsOf(state, levelMin);
  if (proofs.length === 0) {
    return "The stack has no verdict: nothing was moved by it, or a destroy has taken it away. "
      + "Verify first (run an `up`); a destroy that has begun may go on without a proof.";
  }
  if (state.isPending) return "An update was cut off, and what it came to is not known. Run `up` again, or `refresh`.";
  const flawed = proofs.find(({ flaw }) => flaw !== undefined);
  if (flawed?.flaw !== undefined) return `${flawed.flaw} ${REMEDY}`;
  return proofs.map((proof) => tooOld(proof, nowMs, hoursMax)).find((reason) => reason !== undefined);
}

/** Tokens that are out: ours, and what an owner handed over, which may end when nobody says. */
function tokensOf(state: StackState): readonly Resource[] {
  const handedOver = ofType(state, "HandedOverAccess").filter((one) => endOf(one) !== undefined);
  return [...ofType(state, "TableSas"), ...handedOver];
}

function endOf(token: Resource): string | undefined {
  const at = outputOf(token, "expiresOn");
  return typeof at === "string" && !Number.isNaN(Date.parse(at)) ? at : undefined;
}

/** When the first token of an access that is open ends; undefined where none is known to. */
export function accessEnds(state: StackState): string | undefined {
  const ends = tokensOf(state).flatMap((token) => endOf(token) ?? []);
  return ends.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}

/** Why an access that is still open ends too soon; undefined where it does not, or none is open. */
export function endsSoon(state: StackState, nowMs: number, hoursMin: number): string | undefined {
  const remedy = "Run `up`, which renews the tokens, or close the access (temporaryAccess: closed, or the workflow "
    + "teardown).";
  const [endless] = tokensOf(state).filter((token) => endOf(token) === undefined);
  if (endless !== undefined) return `${nameOf(endless)} was opened in part, and nothing says until when. ${remedy}`;
  if (state.isPending) return `An update was cut off, and what access it opened is not known. ${remedy}`;
  const end = accessEnds(state);
  if (end === undefined) return undefined;
  const leftMs = Date.parse(end) - nowMs;
  if (leftMs >= hoursMin * HOUR_MS) return undefined;
  const when = leftMs < 0 ? `ended at ${end}, ${hours(-leftMs)} ago` : `ends at ${end}, in ${hours(leftMs)}`;
  return `Temporary access is open, and its tokens' time ${when}. ${remedy}`;
}
