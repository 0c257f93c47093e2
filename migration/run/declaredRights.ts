import type { PreflightFinding, PreflightOutcome } from "../engine/outcome";
import type { TableCredential } from "../stores/azureTables/credential";

interface Need {
  /** Any one of these letters in `sp`. */
  readonly letters: string;
  /** What it is needed for. */
  readonly why: string;
}

/** Microsoft: "Create an account SAS", permissions per operation on tables. */
const ENTITIES: readonly Need[] = [
  { letters: "r", why: "to read (r)" },
  { letters: "a", why: "to add entities (a)" },
  { letters: "u", why: "to update entities (u)" },
  { letters: "d", why: "to delete entities (d)" },
];
const CREATE: Need = { letters: "cw", why: "to create tables (c)" };

/**
 * What an account SAS says of itself, held against what a copy will need. A probe cannot show rights on a table that
 * is not there yet; the token can. Other credentials say nothing of themselves.
 */
export function missingRights(
  credential: TableCredential,
  tablesToCreate: readonly string[],
): readonly PreflightFinding[] {
  if (credential.kind !== "accountSas") return [];
  const fields = new URLSearchParams(credential.sas);
  const has = (field: string, letters: string) => [...letters].some((one) => (fields.get(field) ?? "").includes(one));
  // The journal is a table too, and may have to be created even where all others are there.
  const needs = [...ENTITIES, CREATE].filter(({ letters }) => !has("sp", letters)).map(({ why }) => why);
  if (!has("ss", "t")) needs.push("for the table service (ss=t)");
  if (!has("srt", "o")) needs.push("on entities (srt=o)");
  if (!has("srt", "c")) needs.push("on tables themselves (srt=c)");
  if (needs.length === 0) return [];
  const created = tablesToCreate.length > 0 ? ` Tables to create: ${tablesToCreate.join(", ")}, and the journal.` : "";
  return [{
    severity: "error",
    code: "RightsMissing",
    side: "destination",
    message: `The destination's account SAS lacks the right ${needs.join(", ")}. Ask for one with ss=t, srt=co and ` +
      `sp=raudc.${created}`,
  }];
}

/** A preflight with what the credential itself lets one know. */
export function withDeclaredRights(outcome: PreflightOutcome, destination: TableCredential): PreflightOutcome {
  const missing = missingRights(destination, outcome.tablesToCreate);
  return missing.length === 0 ? outcome : { ...outcome, ok: false, findings: [...outcome.findings, ...missing] };
}
