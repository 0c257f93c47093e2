import { refuse } from "./errors";

/** A JSON value that forgets nothing: numbers keep their lexeme, objects keep order and duplicate members. */
export type Json =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly lexeme: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "array"; readonly items: readonly Json[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, Json])[] };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const BLANK = /[ \t\r\n]*/y;
const DEPTH_MAX = 32;

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0);
    this.blank();
    if (this.at !== this.text.length) throw this.wrong("the end");
    return value;
  }

  private wrong(wanted: string): Error {
    return refuse.invalidInput(`The request body is not valid JSON: ${wanted} was expected at character ${this.at}.`);
  }

  private blank(): void {
    BLANK.lastIndex = this.at;
    BLANK.exec(this.text);
    this.at = BLANK.lastIndex;
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private value(depth: number): Json {
    if (depth > DEPTH_MAX) throw this.wrong("less nesting");
    this.blank();
    const next = this.text[this.at];
    if (next === '"') return { kind: "string", value: this.string() };
    if (next === "{") return this.object(depth);
    if (next === "[") return this.array(depth);
    if (this.take("true")) return { kind: "boolean", value: true };
    if (this.take("false")) return { kind: "boolean", value: false };
    if (this.take("null")) return { kind: "null" };
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (number === null) throw this.wrong("a value");
    this.at = NUMBER.lastIndex;
    return { kind: "number", lexeme: number[0] };
  }

  private string(): string {
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === "\\" ? 2 : 1;
    const token = this.text.slice(this.at, end + 1);
    try {
      const value: unknown = JSON.parse(token);
      if (typeof value !== "string") throw new TypeError("not a string");
      this.at = end + 1;
      return value;
    } catch (cause) {
      throw refuse.invalidInput(`The request body is not valid JSON: character ${this.at} (${String(cause)}).`);
    }
  }

  private array(depth: number): Json {
    const items: Json[] = [];
    this.at += 1;
    this.blank();
    if (this.take("]")) return { kind: "array", items };
    for (;;) {
      items.push(this.value(depth + 1));
      this.blank();
      if (this.take("]")) return { kind: "array", items };
      if (!this.take(",")) throw this.wrong("a comma or ]");
    }
  }

  private object(depth: number): Json {
    const members: [string, Json][] = [];
    this.at += 1;
    this.blank();
    if (this.take("}")) return { kind: "object", members };
    for (;;) {
      this.blank();
      if (this.text[this.at] !== '"') throw this.wrong("a member name");
      const name = this.string();
      this.blank();
      if (!this.take(":")) throw this.wrong("a colon");
      members.push([name, this.value(depth + 1)]);
      this.blank();
      if (this.take("}")) return { kind: "object", members };
      if (!this.take(",")) throw this.wrong("a comma or }");
    }
  }
}

/** Throws the service's InvalidInput where the text is no JSON. */
export function parseJson(text: string): Json {
  return new Scanner(text).document();
}

/** JSON string; with `ascii`, everything beyond U+007F is escaped, as older OData writers do. */
export function quote(value: string, ascii = false): string {
  const quoted = JSON.stringify(value);
  if (!ascii) return quoted;
  return quoted.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
