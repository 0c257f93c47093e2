import { OperationalError } from "../engine/errors";
import { reportSchema, SCHEMA_VERSION } from "./schema";
import type { Report } from "./schema";
import { contentHash } from "./seal";

/** Far above any real report: 1,000 tables with all their samples stay under 50 MiB. */
export const REPORT_BYTES_MAX = 64 * 1024 * 1024;

function refuse(code: string, message: string): never {
  throw new OperationalError({ code, message });
}

/** A text in quotes, whole, and the colon after it where it is a member's name. */
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

function membersWritten(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(QUOTED)) if (colon !== undefined) count += 1;
  return count;
}

function membersRead(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, one) => sum + membersRead(one), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}

function versionOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
}

/**
 * A report as it was sealed. `origin` names it in errors (a path).
 * Throws OperationalError `ReportUnreadable` (not JSON, or not a report), `ReportVersion` (from a version of landbridge
 * that this one does not know) or `ReportTampered` (content and hash do not belong together, or a member is there
 * twice).
 */
export function checkReport(text: string, origin: string): Report {
  if (Buffer.byteLength(text) > REPORT_BYTES_MAX) {
    refuse("ReportUnreadable", `${origin} is larger than ${REPORT_BYTES_MAX} bytes, which no report is. ` +
      "Give the file that --report wrote.");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OperationalError({
      code: "ReportUnreadable",
      message: `${origin} is not JSON. Give the file that --report wrote, unchanged and whole.`,
      cause,
    });
  }
  if (membersWritten(text) !== membersRead(value)) {
    refuse("ReportTampered", `${origin} has a member twice in one object. Whoever reads it may see the one or the `
      + "other, and the hash is of the last. No landbridge writes that: ask for the original.");
  }
  const version = versionOf(value);
  if (typeof version === "number" && version !== SCHEMA_VERSION) {
    refuse("ReportVersion", `${origin} has schemaVersion ${version}, and this landbridge reads ${SCHEMA_VERSION}. ` +
      "Read it with the version of landbridge that wrote it.");
  }
  const parsed = reportSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? "at the top" : `at ${issue.path.join(".")}`;
    refuse("ReportUnreadable", `${origin} is not a landbridge report: ${where}: ${issue?.message ?? "invalid"}. ` +
      "Give the file that --report wrote, unchanged.");
  }
  const { hash, ...content } = parsed.data;
  const computed = contentHash(content);
  if (computed !== hash) {
    refuse("ReportTampered", `${origin} was changed after it was written: it carries ${hash}, its content has ` +
      `${computed}. Ask for the original, and compare its hash with the one that the run printed.`);
  }
  return parsed.data;
}
