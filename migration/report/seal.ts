import { createHash } from "node:crypto";

import canonicalize from "canonicalize";

import { assert } from "../engine/errors";
import type { Report, ReportContent } from "./schema";

/**
 * `sha256:` + 64 hex digits over the content's RFC 8785 canonical JSON, so that anybody can compute it again with any
 * tool. It makes an edit evident to whoever knows the hash from elsewhere (the run's last line, a stack's outputs, a
 * log); it is no signature, and who edits the file can seal it again.
 */
export function contentHash(content: ReportContent): string {
  const text = canonicalize(content);
  assert(text !== undefined, "a report's content has a canonical form");
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}

export function seal(content: ReportContent): Report {
  return { ...content, hash: contentHash(content) };
}
