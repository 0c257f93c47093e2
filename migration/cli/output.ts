import { OperationalError } from "../engine/errors";
import { printable } from "../report/printable";
import { jsonLine, progressOutput } from "../report/progressOutput";
import type { ProgressOutput, ProgressStream, ProgressStyle } from "../report/progressOutput";
import { redactor, secretsIn } from "../run/redact";
import type { CliIo } from "./io";

export type LogFormat = "text" | "json";

export interface OutputOptions {
  readonly quiet: boolean;
  readonly log: LogFormat;
}

const PINO_LEVEL_WARNING = 40;
const PINO_LEVEL_ERROR = 50;

function guarded(stream: ProgressStream, redact: (text: string) => string): ProgressStream {
  return {
    write: (text) => stream.write(redact(text)),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
  };
}

/** The stack of an error and of what caused it, by their looks: errors of other realms are no `instanceof` ours. */
function stacksOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null || !("stack" in error)) return [];
  return [String(error.stack), ...("cause" in error ? stacksOf(error.cause) : [])];
}

/** What is secret on one command line: known from its environment, and learned from files, vaults, standard input. */
class Secrets {
  private static readonly ofLines = new WeakMap<CliIo, Secrets>();
  private known: readonly string[];
  private current: (text: string) => string;

  private constructor(io: CliIo) {
    const variables = Object.entries(io.env).filter(([name]) => name.startsWith("LANDBRIDGE_"));
    this.known = variables.flatMap(([, text]) => secretsIn(text ?? ""));
    this.current = redactor(this.known);
  }

  /** The same for every output of a command line: who prints at the end is not who learned of a secret. */
  static of(io: CliIo): Secrets {
    const secrets = Secrets.ofLines.get(io) ?? new Secrets(io);
    Secrets.ofLines.set(io, secrets);
    return secrets;
  }

  learn(text: string): void {
    this.known = [...this.known, ...secretsIn(text)];
    this.current = redactor(this.known);
  }

  redact(text: string): string {
    return this.current(text);
  }
}

/** The one place that prints: every text passes the redactor, and foreign text the printable filter. */
export class Output {
  readonly redact: (text: string) => string;
  private readonly secrets: Secrets;
  private readonly stdout: ProgressStream;
  private readonly stderr: ProgressStream;

  constructor(
    private readonly io: CliIo,
    private readonly options: OutputOptions,
  ) {
    this.secrets = Secrets.of(io);
    this.redact = (text) => this.secrets.redact(text);
    this.stdout = guarded(io.stdout, this.redact);
    this.stderr = guarded(io.stderr, this.redact);
  }

  /** From now on hides what is secret in a credential's text, wherever it came from; so does every other output. */
  hide(text: string): void {
    this.secrets.learn(text);
  }

  get json(): boolean {
    return this.options.log === "json";
  }

  /** A result, on stdout: lines for people, or one object with `fields`. Nothing when quiet. */
  result(text: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.options.quiet) return;
    if (this.json) {
      const headline = text.split("\n")[0] ?? "";
      this.stdout.write(jsonLine(this.io.ports.clock.now(), headline, fields));
    } else {
      this.stdout.write(`${printable(text)}\n`);
    }
  }

  /** The progress of a run, on stderr. */
  progress(): ProgressOutput {
    const style: ProgressStyle = this.options.quiet ? "quiet" : this.options.log;
    // A terminal that cannot move its cursor gets lines, as a log does.
    const dumb = this.io.env.TERM === "dumb";
    const stream = dumb ? { write: (text: string) => this.stderr.write(text) } : this.stderr;
    const output = progressOutput(stream, style, () => this.io.ports.clock.now());
    return { ...output, message: (text) => output.message(printable(text)) };
  }

  /** What a person should know, on stderr: nothing failed for it. */
  warning(text: string): void {
    if (this.options.quiet) return;
    const message = `Warning: ${text}`;
    const line = jsonLine(this.io.ports.clock.now(), message, { level: PINO_LEVEL_WARNING });
    this.stderr.write(this.json ? line : `${printable(message)}\n`);
  }

  /** An error, on stderr, quiet or not: one line and the remedy in it; the stack only for who asked for it. */
  error(error: unknown): void {
    const known = error instanceof OperationalError;
    const message = error instanceof Error ? error.message : String(error);
    const text = known ? message : `${message} (a defect in landbridge; LANDBRIDGE_DEBUG=1 shows where)`;
    if (this.json) {
      const code = known ? error.code : "Defect";
      this.stderr.write(jsonLine(this.io.ports.clock.now(), text, { level: PINO_LEVEL_ERROR, code }));
    } else {
      this.stderr.write(`${printable(`Error: ${text}`)}\n`);
    }
    const debug = this.io.env.LANDBRIDGE_DEBUG;
    if (debug === undefined || debug === "" || debug === "0") return;
    for (const stack of stacksOf(error)) this.stderr.write(`${printable(stack)}\n`);
  }
}
