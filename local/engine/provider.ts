import type { Properties } from "./value";

export interface CheckAnswer {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

export interface DiffAnswer {
  /** Absent: the provider does not say, and the inputs are compared. */
  readonly changes?: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

export interface ReadAnswer {
  /** Absent: it is gone. */
  readonly id?: string;
  readonly outputs: Properties;
  /** Absent: the inputs stay as they were. */
  readonly inputs?: Properties;
}

export interface ResourceCall {
  readonly urn: string;
  readonly type: string;
}

/**
 * A provider as the engine calls it. Which arguments are inputs and which outputs is as in Pulumi: check sees old and
 * new inputs; diff and update see old outputs and new inputs; read and delete see outputs alone.
 */
export interface EngineProvider {
  check(resource: ResourceCall, olds: Properties, news: Properties): Promise<CheckAnswer>;
  diff(resource: ResourceCall, id: string, olds: Properties, news: Properties): Promise<DiffAnswer>;
  create(resource: ResourceCall, inputs: Properties): Promise<{ readonly id: string; readonly outputs: Properties }>;
  update(resource: ResourceCall, id: string, olds: Properties, news: Properties): Promise<Properties>;
  read(resource: ResourceCall, id: string, outputs: Properties): Promise<ReadAnswer>;
  delete(resource: ResourceCall, id: string, outputs: Properties): Promise<void>;
  invoke(token: string, args: Properties): Promise<Properties>;
}

/** What a create or update throws that achieved a part: the part is kept, with the reasons. */
export interface PartialFailure {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: readonly string[];
}

/** The shape is Pulumi's: any thrown thing with a non-empty `id`. */
export function partialFailure(error: unknown, toProperties: (raw: unknown) => Properties): PartialFailure | undefined {
  if (typeof error !== "object" || error === null || !("id" in error)) return undefined;
  const { id, properties, reasons } = error as { id: unknown; properties?: unknown; reasons?: unknown };
  if (typeof id !== "string" || id === "") return undefined;
  const said = Array.isArray(reasons) ? reasons.map(String) : [];
  return { id, properties: toProperties(properties), reasons: said.length > 0 ? said : [errorText(error)] };
}

export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
