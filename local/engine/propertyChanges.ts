import type { PropertyChange } from "./protocol";
import { equal, isList, isObject, isSecret, UNKNOWN, type Properties, type Value } from "./value";

const CHARACTERS_MAX = 200;
/** Changes shown per resource. */
const CHANGES_MAX = 100;
/** The engine's own inputs, which tell people nothing. */
const HIDDEN = ["__provider", "__defaults"];

/** A value for people: no secret, nothing endless. */
export function describeValue(value: Value): string {
  if (isSecret(value)) return "[secret]";
  if (value === UNKNOWN) return "[unknown]";
  if (isList(value)) return shorten(`[${value.map(describeValue).join(", ")}]`);
  if (!isObject(value)) return shorten(JSON.stringify(value));
  const members = Object.entries(value).map(([key, each]) => `${key}: ${describeValue(each)}`);
  return shorten(`{${members.join(", ")}}`);
}

function shorten(text: string): string {
  return text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX - 3)}...` : text;
}

function compare(path: string, before: Value | undefined, after: Value | undefined, found: PropertyChange[]): void {
  if (equal(before, after)) return;
  if (isObject(before) && isObject(after) && !isSecret(before) && !isSecret(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(path === "" ? key : `${path}.${key}`, before[key], after[key], found);
    }
  } else if (isList(before) && isList(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      compare(`${path}[${index}]`, before[index], after[index], found);
    }
  } else if (!HIDDEN.includes(path)) {
    found.push({
      path,
      kind: before === undefined ? "add" : after === undefined ? "remove" : "change",
      ...(before === undefined ? {} : { before: describeValue(before) }),
      ...(after === undefined ? {} : { after: describeValue(after) }),
    });
  }
}

/** How inputs change, leaf by leaf, by path. */
export function propertyChanges(before: Properties, after: Properties): readonly PropertyChange[] {
  const found: PropertyChange[] = [];
  compare("", before, after, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, CHANGES_MAX);
}
