import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStack, type LocalStack, type RunEvent, type RunResult } from "../../../local/engine";
import type { ResourceState } from "../../../local/engine/resourceState";
import type { Scenario, ThingWanted } from "./project/scenario";

type Operation = "preview" | "up" | "refresh" | "destroy";

/** A stack of its own for a test: what is to be declared goes in, and what the provider was asked comes out. */
export class TestStack {
  readonly folder = mkdtempSync(join(tmpdir(), "landbridge-engine-"));
  readonly stateFile = join(this.folder, "state.json");
  readonly events: RunEvent[] = [];
  readonly #log = join(this.folder, "calls.log");
  readonly #scenario = join(this.folder, "scenario.json");
  readonly #gone = join(this.folder, "gone");

  constructor(
    readonly project = join(__dirname, "project"),
    readonly passphrase = "correct horse",
    readonly name = "dev",
  ) {
    this.declare();
  }

  open(passphrase = this.passphrase, signal?: AbortSignal): LocalStack {
    return openStack({
      projectFolder: this.project,
      stack: this.name,
      stateFile: this.stateFile,
      passphrase,
      environment: { ...process.env, SCENARIO: this.#scenario, THINGS_LOG: this.#log, THINGS_GONE: this.#gone },
      onEvent: (event) => this.events.push(event),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  declare(...things: readonly ThingWanted[]): void {
    this.play({ things });
  }

  play(scenario: Scenario): void {
    writeFileSync(this.#scenario, JSON.stringify(scenario));
  }

  /** Runs one operation on the things given; without any, on those of before. */
  async run(operation: Operation, ...things: readonly ThingWanted[]): Promise<RunResult> {
    if (things.length > 0) this.declare(...things);
    writeFileSync(this.#log, "");
    return await this.open()[operation]();
  }

  /** As `run`, and fails the test where the run failed. */
  async must(operation: Operation, ...things: readonly ThingWanted[]): Promise<RunResult> {
    const result = await this.run(operation, ...things);
    if (result.error !== undefined) throw new Error(`${operation} failed: ${result.error}`);
    return result;
  }

  /** The provider's calls of the last run, in order, without checks and diffs. */
  calls(): readonly string[] {
    const lines = this.allCalls();
    return lines.filter((line) => !/^(check|diff) /.test(line)).map((line) => line.replace(/ outputs$/, "").trim());
  }

  allCalls(): readonly string[] {
    return existsSync(this.#log) ? readFileSync(this.#log, "utf8").split("\n").filter((line) => line !== "") : [];
  }

  /** Makes every read find nothing. */
  loseEverything(): void {
    writeFileSync(this.#gone, "");
  }

  stateText(): string {
    return existsSync(this.stateFile) ? readFileSync(this.stateFile, "utf8") : "";
  }

  resource(name: string): ResourceState | undefined {
    const { resources } = this.open().exportState(true).deployment;
    return resources.find(({ urn }) => urn.endsWith(`::${name}`));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
