import { z } from "zod";
import { OperationalError } from "../../engine/errors";
import { reportContentSchema, type Report } from "../schema";

/** What a signature says of a report: enough to read by itself, and the hash that ties it to every byte. */
const statementSchema = z.strictObject({
  type: z.literal("landbridge-report"),
  /** The report's own: `sha256:` + hex. */
  hash: z.string(),
  runId: z.string(),
  command: reportContentSchema.shape.command,
  verdict: reportContentSchema.shape.verdict,
  /** What the verdict is worth. Absent in signatures of earlier releases. */
  level: reportContentSchema.shape.level.optional(),
  dryRun: z.boolean().optional(),
  source: z.string(),
  destination: z.string(),
  finishedAt: z.string(),
});

export type Statement = z.infer<typeof statementSchema>;

export function statementOf(report: Report): Statement {
  const { hash, runId, command, verdict, level, dryRun, source, destination, finishedAt } = report;
  return { type: "landbridge-report", hash, runId, command, verdict, level, dryRun, source, destination, finishedAt };
}

/** A statement as it was signed. Throws OperationalError `SignatureInvalid`. */
export function readStatement(text: string, origin: string): Statement {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = statementSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OperationalError({
    code: "SignatureInvalid",
    message: `${origin} signs something that is no landbridge report. Give the signature that lay beside the report.`,
  });
}
