import type { StoredEntity } from "./entity";
import { refuse } from "./errors";
import { parseTicks } from "./dateTime";
import type { KeyRange } from "./keyRange";
import { ALL_KEYS, bothKeys, eitherKeys, keysOfComparison } from "./keyRange";
import type { EdmValue } from "./values";
import { double, GUID, int32, int64 } from "./values";

export interface Filter {
  readonly matches: (entity: StoredEntity) => boolean;
  /** No match lies outside. */
  readonly keys: KeyRange;
}

export const EVERYTHING: Filter = { matches: () => true, keys: ALL_KEYS };

/** learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities */
const COMPARISONS_MAX = 15;

type Token =
  | { readonly kind: "literal"; readonly value: EdmValue }
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "(" | ")" };

/** A parenthesis, a quoted literal with its prefix, a number with its suffix, or a word. */
const TOKEN = new RegExp(
  [
    String.raw`\s*(?:(\()|(\))`,
    String.raw`(datetime|guid|X|binary)?'((?:[^']|'')*)'`,
    String.raw`(-?\d[\d.]*(?:[eE][+-]?\d+)?)(L?)`,
    String.raw`([_\p{L}][\p{L}\p{N}_]*))`,
  ].join("|"),
  "uy",
);

const bad = (filter: string, why: string) =>
  refuse.invalidInput(`The filter ${JSON.stringify(filter.slice(0, 200))} is not valid: ${why}.`);

function typedLiteral(prefix: string | undefined, text: string): EdmValue | undefined {
  if (prefix === undefined) return { type: "Edm.String", value: text.replaceAll("''", "'") };
  if (prefix === "guid") return GUID.test(text) ? { type: "Edm.Guid", value: text.toLowerCase() } : undefined;
  if (prefix === "datetime") {
    const ticks = parseTicks(text);
    return ticks === undefined ? undefined : { type: "Edm.DateTime", value: ticks };
  }
  const bytes = /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, "hex") : undefined;
  return bytes === undefined ? undefined : { type: "Edm.Binary", value: bytes };
}

function numberLiteral(lexeme: string, suffix: string): EdmValue | undefined {
  const whole = int32(lexeme);
  if (suffix === "" && whole !== undefined) return { type: "Edm.Int32", value: whole };
  const long = suffix === "L" || /^-?\d+$/.test(lexeme) ? int64(lexeme) : undefined;
  if (long !== undefined) return { type: "Edm.Int64", value: long };
  const value = suffix === "" ? double(lexeme) : undefined;
  return value === undefined ? undefined : { type: "Edm.Double", value };
}

function tokenize(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (filter.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(filter);
    if (match === null) throw bad(filter, `character ${at} begins nothing known`);
    at = TOKEN.lastIndex;
    const [, open, close, prefix, quoted, number, suffix, word] = match;
    if (open !== undefined || close !== undefined) tokens.push({ kind: open === undefined ? ")" : "(" });
    else if (word === "true" || word === "false") {
      tokens.push({ kind: "literal", value: { type: "Edm.Boolean", value: word === "true" } });
    } else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else {
      const value = quoted === undefined ? numberLiteral(number ?? "", suffix ?? "") : typedLiteral(prefix, quoted);
      if (value === undefined) throw bad(filter, `the literal ${match[0].trim()} is malformed`);
      tokens.push({ kind: "literal", value });
    }
  }
  return tokens;
}

function property(entity: StoredEntity, name: string): EdmValue | undefined {
  if (name === "PartitionKey") return { type: "Edm.String", value: entity.partitionKey };
  if (name === "RowKey") return { type: "Edm.String", value: entity.rowKey };
  if (name === "Timestamp") return { type: "Edm.DateTime", value: entity.ticks };
  return entity.properties.get(name);
}

/** Ordinal for strings, bytewise for binary, IEEE for doubles; undefined where there is no order (other type, NaN). */
function compare(left: EdmValue, right: EdmValue): number | undefined {
  if (left.type !== right.type) return undefined;
  if (left.type === "Edm.Binary" && right.type === "Edm.Binary") return Buffer.compare(left.value, right.value);
  if (left.value < right.value) return -1;
  if (left.value > right.value) return 1;
  return left.value === right.value ? 0 : undefined;
}

const OPERATORS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ["eq", (order: number) => order === 0],
  ["ne", (order: number) => order !== 0],
  ["lt", (order: number) => order < 0],
  ["le", (order: number) => order <= 0],
  ["gt", (order: number) => order > 0],
  ["ge", (order: number) => order >= 0],
]);

class Parser {
  private at = 0;
  private comparisons = 0;
  private readonly tokens: readonly Token[];

  constructor(private readonly filter: string, private readonly timestamps: boolean) {
    this.tokens = tokenize(filter);
  }

  whole(): Filter {
    const result = this.or();
    if (this.at !== this.tokens.length) throw bad(this.filter, `token ${this.at + 1} is one too many`);
    return result;
  }

  private word(text: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== "word" || token.text !== text) return false;
    this.at += 1;
    return true;
  }

  private or(): Filter {
    let left = this.and();
    while (this.word("or")) {
      const [a, b] = [left, this.and()];
      left = { matches: (entity) => a.matches(entity) || b.matches(entity), keys: eitherKeys(a.keys, b.keys) };
    }
    return left;
  }

  private and(): Filter {
    let left = this.unary();
    while (this.word("and")) {
      const [a, b] = [left, this.unary()];
      left = { matches: (entity) => a.matches(entity) && b.matches(entity), keys: bothKeys(a.keys, b.keys) };
    }
    return left;
  }

  private unary(): Filter {
    if (this.word("not")) {
      const inner = this.unary();
      return { matches: (entity) => !inner.matches(entity), keys: ALL_KEYS };
    }
    if (this.tokens[this.at]?.kind === "(") {
      this.at += 1;
      const inner = this.or();
      if (this.tokens[this.at]?.kind !== ")") throw bad(this.filter, "a parenthesis is not closed");
      this.at += 1;
      return inner;
    }
    return this.comparison();
  }

  private operand(): Token {
    const token = this.tokens[this.at];
    if (token?.kind !== "word" && token?.kind !== "literal") throw bad(this.filter, "an operand is missing");
    this.at += 1;
    return token;
  }

  private comparison(): Filter {
    this.comparisons += 1;
    if (this.comparisons > COMPARISONS_MAX) throw bad(this.filter, `more than ${COMPARISONS_MAX} comparisons`);
    const left = this.operand();
    const token = this.tokens[this.at];
    const operator = token?.kind === "word" && OPERATORS.has(token.text) ? token.text : undefined;
    if (operator === undefined) {
      if (left.kind !== "word") throw bad(this.filter, "an operator is missing");
      return { matches: (entity) => property(entity, left.text)?.value === true, keys: ALL_KEYS };
    }
    this.at += 1;
    const right = this.operand();
    if (left.kind === "word" && right.kind === "literal") return this.compared(left.text, operator, right.value);
    if (left.kind === "literal" && right.kind === "word") {
      return this.compared(right.text, MIRRORED.get(operator) ?? operator, left.value);
    }
    throw bad(this.filter, "a comparison needs one property and one constant");
  }

  private compared(name: string, operator: string, literal: EdmValue): Filter {
    if (name === "Timestamp" && !this.timestamps) return NOTHING;
    return compared(name, operator, literal);
  }
}

const NOTHING: Filter = { matches: () => false, keys: ALL_KEYS };

/** `5 le n` says the same as `n ge 5`. */
const MIRRORED: ReadonlyMap<string, string> = new Map([["lt", "gt"], ["gt", "lt"], ["le", "ge"], ["ge", "le"]]);

/** A missing property, and one of another type, matches nothing. */
function compared(name: string, operator: string, literal: EdmValue): Filter {
  const test = OPERATORS.get(operator) ?? (() => false);
  if (literal.type === "Edm.String" && (name === "PartitionKey" || name === "RowKey")) {
    const { value: wanted } = literal;
    const ofPartition = name === "PartitionKey";
    const matches = (entity: StoredEntity) => {
      const key = ofPartition ? entity.partitionKey : entity.rowKey;
      return test(key === wanted ? 0 : key < wanted ? -1 : 1);
    };
    return { matches, keys: keysOfComparison(name, operator, wanted) };
  }
  const matches = (entity: StoredEntity) => {
    const value = property(entity, name);
    const order = value === undefined ? undefined : compare(value, literal);
    return order !== undefined && test(order);
  };
  return { matches, keys: ALL_KEYS };
}

/**
 * `$filter` -> predicate. Throws InvalidInput. Without `timestamps` a comparison with Timestamp finds nothing, and
 * nobody says so.
 */
export function parseFilter(filter: string, timestamps = true): Filter {
  return new Parser(filter, timestamps).whole();
}
