import type { DiffAnswer } from "./provider";
import { parsePath } from "./propertyPath";
import type { ResourceState } from "./resourceState";
import { equal, type Properties } from "./value";

export type Decision =
  | { readonly op: "same" | "update" }
  | { readonly op: "replace"; readonly deleteBeforeReplace: boolean };

export interface DecisionInput {
  readonly old: ResourceState;
  /** As checked. */
  readonly inputs: Properties;
  readonly diff: DiffAnswer;
  readonly replaceOnChanges: readonly string[];
  /** What the program said; it outweighs the provider. */
  readonly deleteBeforeReplace?: boolean;
}

function changedKeys(olds: Properties, news: Properties): readonly string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !equal(olds[key], news[key]));
}

/** What is to be done with a resource that exists. Pure: provider and program have said what they had to say. */
export function decide({ old, inputs, diff, replaceOnChanges, deleteBeforeReplace }: DecisionInput): Decision {
  const changed = changedKeys(old.inputs, inputs);
  const changes = diff.replaces.length > 0 || (diff.changes ?? changed.length > 0);
  const forced = replaceOnChanges.some((path) => {
    const [first] = parsePath(path);
    return first === "*" ? changed.length > 0 : changed.includes(String(first));
  });
  if (changes && (diff.replaces.length > 0 || forced)) {
    return { op: "replace", deleteBeforeReplace: deleteBeforeReplace ?? diff.deleteBeforeReplace };
  }
  // What was left unfinished is tried again, even where nothing else changed.
  const unfinished = (old.initErrors ?? []).length > 0;
  return { op: changes || unfinished ? "update" : "same" };
}
