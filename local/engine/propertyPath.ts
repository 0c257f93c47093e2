import { isList, isObject, type Properties, type Value } from "./value";

type Segment = string | number;

/** `a.b[0]["c.d"].*` -> segments; `*` matches every key and index. */
export function parsePath(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  const pattern = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.[\]]+)/gy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [all, quoted, index, name] = match;
    end = match.index + all.length;
    if (quoted !== undefined) segments.push(quoted.replaceAll(/\\(.)/g, "$1"));
    else if (index !== undefined) segments.push(index === "*" ? "*" : Number(index));
    else if (name !== undefined) segments.push(name);
  }
  if (end !== text.length || segments.length === 0) throw new Error(`"${text}" is no property path.`);
  return segments;
}

function keysAt(segment: Segment, ...values: readonly (Value | undefined)[]): readonly string[] {
  if (segment !== "*") return [String(segment)];
  return [...new Set(values.flatMap((value) => (isObject(value) || isList(value) ? Object.keys(value) : [])))];
}

function child(value: Value | undefined, key: string): Value | undefined {
  if (isList(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function withChild(value: Value | undefined, key: string, next: Value | undefined): Value | undefined {
  if (isList(value)) return next === undefined ? value : value.with(Number(key), next);
  if (!isObject(value)) return next === undefined ? value : { [key]: next };
  const others = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries(next === undefined ? others : [...others, [key, next] as const]);
}

function reset(value: Value | undefined, old: Value | undefined, path: readonly Segment[]): Value | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) return old;
  return keysAt(segment, value, old).reduce<Value | undefined>((current, key) => {
    // Beyond the end of a list there is nothing to reset.
    if (isList(current) && Number(key) >= current.length) return current;
    return withChild(current, key, reset(child(current, key), child(old, key), rest));
  }, value);
}

/** The inputs with old values wherever changes are to be ignored. */
export function ignoreChanges(inputs: Properties, olds: Properties, paths: readonly string[]): Properties {
  return paths.reduce<Properties>((current, path) => {
    const next = reset(current, olds, parsePath(path));
    return isObject(next) ? next : {};
  }, inputs);
}
