import type { Project } from "./project";
import { ProviderRegistry } from "./providerRegistry";
import type { ChangeCounts, Operation, RunEvent, Step, StepOp } from "./protocol";
import type { SecretFilter } from "./secretFilter";
import type { Snapshot } from "./snapshot";

/** Thrown to whoever asks for a new step after the run has failed or was cancelled. */
export class RunEnded extends Error {}

/** What all parts of one run share. */
export class Run {
  readonly providers: ProviderRegistry;
  readonly steps: Step[] = [];
  readonly #counts = { create: 0, update: 0, delete: 0, replace: 0, same: 0 };
  readonly #underWay = new Set<Promise<unknown>>();
  #turn: Promise<unknown> = Promise.resolve();
  #error: string | undefined;
  #markFailed: () => void = () => undefined;
  /** Resolves when the run has failed or was cancelled. */
  readonly failure = new Promise<void>((failed) => (this.#markFailed = failed));

  constructor(
    readonly operation: Operation,
    readonly project: Project,
    readonly snapshot: Snapshot,
    readonly filter: SecretFilter,
    private readonly emit: (event: RunEvent) => void,
  ) {
    this.providers = new ProviderRegistry(project.folder);
  }

  get preview(): boolean {
    return this.operation === "preview";
  }

  /** The first error; what comes after it is a consequence, and only logged. */
  get error(): string | undefined {
    return this.#error;
  }

  get counts(): ChangeCounts {
    return { ...this.#counts };
  }

  fail(text: string): void {
    const filtered = this.filter.apply(text);
    this.#error ??= filtered;
    this.#markFailed();
    this.log("error", filtered);
  }

  log(level: "info" | "warning" | "error", text: string): void {
    this.emit({ kind: "log", level, text: this.filter.apply(text) });
  }

  /** New steps are refused once the run has ended; what is under way is finished. */
  checkAlive(): void {
    if (this.#error !== undefined) throw new RunEnded("The run has ended.");
  }

  /** Checks and diffs come one at a time, as Pulumi's step generator has them. */
  async inTurn<T>(generate: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(
      () => generate(),
      () => generate(),
    );
    this.#turn = mine.catch(() => undefined);
    return await this.track(mine);
  }

  async track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  countSame(): void {
    this.#counts.same += 1;
  }

  /** Carries out one step, in a preview only says it, and reports how it ended. */
  async step<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const startedAt = Date.now();
    this.emit({ kind: "started", step });
    const seconds = (): number => (Date.now() - startedAt) / 1000;
    try {
      const result = await this.track(work());
      this.#count(step.op);
      this.steps.push(step);
      this.emit({ kind: "done", step, seconds: seconds() });
      return result;
    } catch (error) {
      const detail = this.filter.apply(error instanceof Error ? error.message : String(error));
      const failed = { ...step, detail };
      this.steps.push(failed);
      this.emit({ kind: "failed", step: failed, seconds: seconds() });
      throw error;
    }
  }

  #count(op: StepOp): void {
    if (op === "create" || op === "update" || op === "delete" || op === "replace") this.#counts[op] += 1;
  }
}
