import { z } from "zod";
import { OperationalError } from "../engine/errors";

/** What a stack's outputs tell of its move; a stack that was never applied, or was destroyed, has none of them. */
const outputsSchema = z.object({
  /** `equal`; of a move without downtime the phase that it reached. */
  verdict: z.string().optional(),
  /** When the last proof ended. */
  verifiedAt: z.union([z.iso.datetime(), z.literal("never")]).optional(),
  /** When the tokens of an access that is open end. */
  accessExpiresOn: z.iso.datetime().optional(),
});

export type StackOutputs = z.infer<typeof outputsSchema>;

const HOUR_MS = 3_600_000;
/** Both sides were read and compared, and nothing came of it. */
const PROVEN = new Set(["equal", "drained", "done"]);

/** Reads what `pulumi stack output --json` prints. Throws OperationalError `OutputsUnreadable`. */
export function readOutputs(text: string, origin: string): StackOutputs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = outputsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path = [], message = "" } = parsed.error.issues[0] ?? {};
  throw new OperationalError({
    code: "OutputsUnreadable",
    message: `${origin} holds no stack's outputs: ${[...path, message].join(": ")}. Give what \`pulumi stack output ` +
      "--json` prints.",
  });
}

function hours(ms: number): string {
  return `${(ms / HOUR_MS).toFixed(1)} h`;
}

/** Why the tables do not count as proven equal within the last hours; undefined where they do. */
export function notFresh(outputs: StackOutputs, nowMs: number, hoursMax: number): string | undefined {
  const { verdict, verifiedAt } = outputs;
  const remedy = "Verify first: run the workflow verify, or an `up` that drains.";
  if (verdict === undefined) return `The stack has no verdict: nothing was moved by it, or it is gone. ${remedy}`;
  if (!PROVEN.has(verdict)) return `The verdict is ${JSON.stringify(verdict)}, which is no proof. ${remedy}`;
  if (verifiedAt === undefined || verifiedAt === "never") {
    return `Nothing says when the verdict "${verdict}" was reached. ${remedy}`;
  }
  const ageMs = nowMs - Date.parse(verifiedAt);
  if (ageMs < 0) return `The proof is of ${verifiedAt}, which is still to come by this machine's clock. Set it right.`;
  if (ageMs <= hoursMax * HOUR_MS) return undefined;
  return `The proof is of ${verifiedAt}, ${hours(ageMs)} ago, and may be ${hoursMax} h old at most. ${remedy}`;
}

/** Why an access that is still open ends too soon; undefined where it does not, or none is open. */
export function endsSoon({ accessExpiresOn }: StackOutputs, nowMs: number, hoursMin: number): string | undefined {
  if (accessExpiresOn === undefined) return undefined;
  const leftMs = Date.parse(accessExpiresOn) - nowMs;
  if (leftMs >= hoursMin * HOUR_MS) return undefined;
  const remedy = "Run `up`, which renews the tokens, or close the access (temporaryAccess: closed, or the workflow " +
    "teardown).";
  const when = leftMs < 0
    ? `ended at ${accessExpiresOn}, ${hours(-leftMs)} ago`
    : `ends at ${accessExpiresOn}, in ${hours(leftMs)}`;
  return `Temporary access is open, and its tokens' time ${when}. ${remedy}`;
}
