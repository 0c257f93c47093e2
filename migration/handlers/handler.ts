import { isDeepStrictEqual } from "node:util";

/** Inputs and outputs as Pulumi hands them over: plain JSON, secrets in the clear. */
export type Properties = Readonly<Record<string, unknown>>;

export interface CheckResult {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffResult {
  readonly changes: boolean;
  readonly replaces?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
}

/**
 * What a resource does, without Pulumi: the same six methods, plain JSON in and out. The local engine and tests call
 * them directly. `check` and `diff` meet unknown values in previews, and make no request for them.
 * The names, parameters and results are frozen: texts in state call them (see resources/shim.ts).
 */
export interface Handler {
  check(olds: Properties, news: Properties): Promise<CheckResult>;
  diff(id: string, olds: Properties, news: Properties): Promise<DiffResult>;
  create(inputs: Properties): Promise<{ readonly id: string; readonly outs: Properties }>;
  /** An empty id: the resource is gone. */
  read(id: string, props: Properties): Promise<{ readonly id: string; readonly props: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ readonly outs: Properties }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** Where Pulumi keeps the shim's text; without it, a later destroy or refresh cannot run. */
const PROVIDER = "__provider";

/**
 * A step that achieved a part of what it should: Pulumi keeps `properties` in state, and the next `up` goes on there.
 * `inputs` are those of the step.
 */
export class PartialResult extends Error {
  readonly reasons: readonly string[];
  readonly properties: Properties;

  constructor(readonly id: string, inputs: Properties, outs: Properties, override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.name = "PartialResult";
    this.reasons = [this.message];
    const shim = inputs[PROVIDER];
    this.properties = { ...plain(outs), ...(shim === undefined ? {} : { [PROVIDER]: shim }) };
  }
}

/** Without undefined anywhere: the wire between Pulumi and its providers knows none. */
export function plain(value: Properties): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}

/** Whether two values are the same as JSON. Objects come over the wire with their members in any order. */
export function same(a: unknown, b: unknown): boolean {
  const json = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  return isDeepStrictEqual(json(a), json(b));
}

/** Inputs without the shim's text, for outputs: Pulumi adds that itself. */
export function withoutProvider(inputs: Properties): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== PROVIDER));
}
