import { RunError } from "@pulumi/pulumi";

/** One thing that is wrong: where, what (with the offending value, never a secret) and what to do about it. */
export interface Mistake {
  /** Full key: `landbridge:migration.source.tenantId`. */
  readonly path: string;
  readonly message: string;
}

/** The configuration cannot be used. Pulumi prints the text alone, without a stack. */
export class ConfigurationError extends RunError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ path, message }) => `  - ${path}: ${message}`);
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    super(`${count} in the stack's configuration (see docs/configuration.md):\n${lines.join("\n")}`);
    this.mistakes = mistakes;
  }
}

/** What account keys, SAS tokens, connection strings and bundles look like. Wider than needed, on purpose. */
const CREDENTIAL = [
  /\bsig=/i,
  /\b(AccountKey|SharedAccessSignature|SharedAccessKey|client_?secret|password)\s*[=:]/i,
  /\bBearer\s+\S/i,
  /[A-Za-z0-9+/]{86}==/,
  /"sv=|\bsv=\d{4}-\d\d-\d\d/,
  /\beyJ[A-Za-z0-9_-]{10,}\./,
];

export function looksLikeCredential(text: string): boolean {
  return CREDENTIAL.some((pattern) => pattern.test(text));
}

/** A value for people: JSON, shortened; what may be a secret is never shown. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (looksLikeCredential(text)) return "(a value not shown, since it looks like a secret)";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Single-character edits between two words, a swap of neighbours counting as one. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      (rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swap);
    }
  }
  return at(a.length, b.length);
}

/** The known word nearest to `word`, where it is near enough to be meant: two edits, or a third of its letters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const scored = known.map((name) => ({
    name,
    distance: editDistance(word.toLowerCase(), name.toLowerCase()),
  }));
  scored.sort((x, y) => x.distance - y.distance);
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined;
}
