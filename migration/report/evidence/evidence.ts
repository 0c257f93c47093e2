import canonicalize from "canonicalize";
import { assert, OperationalError } from "../../engine/errors";
import type { Report } from "../schema";
import { signText, verifiedText, type Signer } from "./jws";
import type { PublicKey } from "./publicKey";
import { readStatement, statementOf, type Statement } from "./statement";

/** Where a report's signature lies, unless told otherwise. */
export function signatureFileOf(reportFile: string): string {
  return `${reportFile}.jws`;
}

/** One line: a signed statement of what the report is. Throws what the signer throws, or `SignatureInvalid`. */
export async function signReport(report: Report, signer: Signer): Promise<string> {
  const text = canonicalize(statementOf(report));
  assert(text !== undefined, "a statement has a canonical form");
  return signText(text, signer);
}

/**
 * Whether this key signed this very report, whose hash was checked before. Returns what was signed.
 * Throws OperationalError `SignatureInvalid`.
 */
export function checkEvidence(
  report: Report,
  jws: string,
  origin: string,
  key: PublicKey,
): Statement {
  const said = readStatement(verifiedText(jws, origin, key), origin);
  const expected = statementOf(report);
  const names = Object.keys(said) as (keyof Statement)[];
  const differing = names.find((name) => said[name] !== expected[name]);
  if (differing === undefined) return said;
  throw new OperationalError({
    code: "SignatureInvalid",
    message: `${origin} is of another report: it says ${differing} ${JSON.stringify(said[differing])}, and the ` +
      `report has ${JSON.stringify(expected[differing])}. Find the signature of run ${report.runId}, or sign again.`,
  });
}
