import type { Json } from "./armClient";

/** One resource type of azure-native: how its properties become a request, and an answer its properties. */
export interface ResourceKind {
  /** The version of the management API that azure-native 3.x uses for it. */
  readonly apiVersion: string;
  /** Every input there is; any other one is refused. */
  readonly inputs: readonly string[];
  readonly required: readonly string[];
  /** Inputs that cannot change in place: they force a replacement. */
  readonly immutable: readonly string[];
  /** The input that names it, and the name it gets where the program gives none. */
  readonly naming: { readonly property: string; generate(resourceName: string): string };
  id(inputs: Json, subscription: string): string;
  toArm(inputs: Json): Json;
  /** Outputs other than `name`, `type` and `location`. */
  fromArm(body: Json): Json;
  /** Where the resource is not deleted by its ID. */
  readonly deletePath?: (id: string) => string;
}

export function group(inputs: Json, subscription: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${String(inputs.resourceGroupName)}`;
}

/** The given keys, those that are there. */
export function pick(from: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
}

export function omit(from: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));
}

/** Keys by another name, the others as they are. */
export function rename(from: Json, names: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [names[key] ?? key, value]));
}

export function inverse(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(names).map(([key, name]) => [name, key]));
}

export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asList(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
