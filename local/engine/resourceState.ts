import type { Properties } from "./value";

/** One resource as a state file keeps it; the names are those of Pulumi's own deployments. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  /** False for components. */
  readonly custom: boolean;
  /** Absent for components. */
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** A URN. */
  readonly parent?: string;
  /** `<urn>::<id>` of the provider resource. */
  readonly provider?: string;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly additionalSecretOutputs?: readonly string[];
  /** Why it is not complete; the next update tries again. */
  readonly initErrors?: readonly string[];
  /** URNs it had before. */
  readonly aliases?: readonly string[];
  readonly ignoreChanges?: readonly string[];
  /** Replaced, and waiting to be deleted. */
  readonly delete?: boolean;
  /** Read, not managed. */
  readonly external?: boolean;
  /** ISO 8601. */
  readonly created?: string;
  readonly modified?: string;
}

export interface PendingOperation {
  readonly type: "creating" | "updating" | "deleting" | "reading";
  readonly urn: string;
}

/** `<urn>::<id>` taken apart. */
export function parseProviderRef(ref: string): { readonly urn: string; readonly id: string } {
  const cut = ref.lastIndexOf("::");
  return { urn: ref.slice(0, cut), id: ref.slice(cut + 2) };
}

/** All that must outlive this resource: what it depends on, its parent and its provider. */
export function prerequisites(state: ResourceState): readonly string[] {
  const provider = state.provider === undefined ? [] : [parseProviderRef(state.provider).urn];
  const parent = state.parent === undefined ? [] : [state.parent];
  return [...state.dependencies, ...Object.values(state.propertyDependencies).flat(), ...parent, ...provider];
}
