import { describeKey, type Row } from "../../engine/row";
import type { RowFinding } from "../../engine/rowFormat";

/** `/ \ # ?` and control characters (U+0000 to U+001F, U+007F to U+009F). */
const KEY_FORBIDDEN = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

const LONE_SURROGATE = /\p{Surrogate}/u;

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What is wrong with a row, each with row, rule and remedy. */
export class Findings {
  readonly found: RowFinding[] = [];

  constructor(private readonly row: Row) {}

  add(code: string, what: string, remedy: string, property?: string): void {
    const where = property === undefined ? "" : `, property ${JSON.stringify(shorten(property))}`;
    this.found.push({
      code,
      message: `Row ${describeKey(this.row)}${where}: ${what}. ${remedy}`,
      ...(property === undefined ? {} : { property }),
    });
  }
}

/** Characters that no table service takes in a key. */
export function checkKeyCharacters(findings: Findings, name: string, key: string): void {
  const forbidden = KEY_FORBIDDEN.exec(key)?.[0];
  if (forbidden !== undefined) {
    findings.add("KeyInvalid", `the ${name} holds ${JSON.stringify(forbidden)}, which keys must not hold`,
      "Write the row under another key in the source.");
  } else if (LONE_SURROGATE.test(key)) {
    findings.add("KeyInvalid", `the ${name} holds half of a surrogate pair, which no request can carry`,
      "Write the row under another key in the source.");
  }
}
