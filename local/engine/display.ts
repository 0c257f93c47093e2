import { describeValue } from "./propertyChanges";
import type {
  ChangeCounts, Operation, PropertyChange, RunEvent, RunResult, StackOutput, Step, StepOp,
} from "./protocol";

/** Signs and words, as Pulumi has them. */
const SIGNS: Readonly<Record<StepOp, string>> = {
  create: " + ",
  update: " ~ ",
  replace: "+- ",
  deleteReplaced: " - ",
  delete: " - ",
  same: "   ",
  read: ">- ",
  refresh: " ~ ",
};
const WORDS: Readonly<Record<StepOp, readonly [plan: string, done: string]>> = {
  create: ["create", "created"],
  update: ["update", "updated"],
  replace: ["replace", "replaced"],
  deleteReplaced: ["delete the replaced one", "deleted the replaced one"],
  delete: ["delete", "deleted"],
  same: ["", ""],
  read: ["read", "read"],
  refresh: ["refresh", "refreshed"],
};
const RETAINED = ["retain, unmanaged", "retained: it stays, unmanaged"] as const;
const FAILED = "**failed**";
const TITLES: Readonly<Record<Operation, string>> = {
  preview: "Previewing update", up: "Updating", refresh: "Refreshing", destroy: "Destroying",
};

/** Said at the start of every run, so that nobody takes it for the Pulumi CLI. */
export function describeEngine(): readonly string[] {
  return [
    "This is landbridge's local engine, not the Pulumi CLI. It runs the same program with Node alone.",
    "It does not do: providers other than azure-native's stand-ins and dynamic resources, policies, transforms, hooks,",
    "imports, targets, remote components, stack references and shared backends. Use the CLI for a real move.",
  ];
}

function describeChange({ path, kind, before, after }: PropertyChange): string {
  if (kind === "add") return `      + ${path}: ${after ?? ""}`;
  if (kind === "remove") return `      - ${path}: ${before ?? ""}`;
  return `      ~ ${path}: ${before ?? ""} => ${after ?? ""}`;
}

/** `    + 2 created`, ..., `    3 unchanged`. */
export function describeCounts(changes: ChangeCounts, preview: boolean): readonly string[] {
  const lines: string[] = [];
  for (const op of ["create", "update", "replace", "delete"] as const) {
    const [plan, done] = WORDS[op];
    if (changes[op] > 0) lines.push(`   ${SIGNS[op]}${changes[op]} ${preview ? `to ${plan}` : done}`);
  }
  if (changes.same > 0) lines.push(`    ${changes.same} unchanged`);
  return lines.length > 0 ? lines : ["    nothing to do"];
}

export function describeOutputs(outputs: Readonly<Record<string, StackOutput>>): readonly string[] {
  return Object.entries(outputs).map(([name, { value, secret }]) => {
    return `    ${name}: ${secret ? "[secret]" : describeValue(value)}`;
  });
}

/** One run on paper: a line per resource as it ends, what the program said, a summary. */
export class Display {
  readonly #startedAt = Date.now();

  constructor(
    private readonly operation: Operation,
    private readonly stack: string,
    private readonly write: (line: string) => void,
  ) {}

  /** `introduce`: say which engine this is. */
  begin(introduce = true): void {
    if (introduce) [...describeEngine(), ""].forEach((line) => this.write(line));
    this.write(`${TITLES[this.operation]} (${this.stack}):`);
  }

  show(event: RunEvent): void {
    if (event.kind === "log") return this.#log(event.level, event.text);
    const { step, seconds = 0 } = event;
    const [plan, done] = step.retained === true ? RETAINED : WORDS[step.op];
    if (event.kind === "done") this.#step(step, this.#preview ? plan : done, seconds);
    else if (event.kind === "failed") this.#step(step, FAILED, seconds);
  }

  end(result: RunResult): void {
    const outputs = describeOutputs(result.outputs);
    if (outputs.length > 0) {
      this.write("");
      this.write("Outputs:");
      outputs.forEach(this.write);
    }
    this.write("");
    this.write(result.error === undefined ? "Resources:" : "Resources (the run failed):");
    describeCounts(result.changes, this.#preview).forEach(this.write);
    this.write(`Duration: ${((Date.now() - this.#startedAt) / 1000).toFixed(1)} s`);
  }

  get #preview(): boolean {
    return this.operation === "preview";
  }

  #step(step: Step, word: string, seconds: number): void {
    const took = this.#preview || seconds < 0.1 ? "" : ` (${seconds.toFixed(1)} s)`;
    // Why it failed is an error of its own, further down.
    const detail = step.detail === undefined || word === FAILED ? "" : ` ${step.detail}`;
    this.write(`${SIGNS[step.op]}${step.type}  ${step.name}  ${word}${took}${detail}`);
    // A new resource's inputs are in the program; what changes is what people ask.
    if (step.op === "update" || step.op === "replace" || step.op === "refresh") {
      (step.changes ?? []).map(describeChange).forEach(this.write);
    }
  }

  #log(level: "info" | "warning" | "error", text: string): void {
    const prefix = level === "info" ? "    " : `    ${level}: `;
    text.split("\n").forEach((line, index) => this.write(`${index === 0 ? prefix : "      "}${line}`));
  }
}
