/** Property values between program, engine and providers: JSON, with marked objects for what JSON lacks. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Properties = Readonly<Record<string, Value>>;

// These constants are Pulumi's wire format (sdk: runtime/rpc.ts) and stand in every state file.
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

type ObjectValue = Readonly<Record<string, Value>>;

export function isObject(value: Value | undefined): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is ObjectValue {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function makeSecret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value: stripSecrets(value) };
}

/** Rebuilds a value from the inside out. Own properties only: a property may be called `__proto__`. */
export function mapValue(value: Value, leaf: (value: Value) => Value, node: (value: Value) => Value): Value {
  if (isList(value)) return node(value.map((each) => mapValue(each, leaf, node)));
  if (!isObject(value)) return leaf(value);
  const entries = Object.entries(value).map(([key, each]) => [key, mapValue(each, leaf, node)] as const);
  return node(Object.fromEntries(entries));
}

const same = (value: Value): Value => value;

/** Replaces secrets, outermost first: what lies within one is not visited again. */
export function mapSecrets(value: Value, replace: (secret: Value) => Value): Value {
  if (isSecret(value)) return replace(value);
  if (isList(value)) return value.map((each) => mapSecrets(each, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapSecrets(each, replace)]));
}

/** The plain value, without marks of secrecy, at any depth. */
export function stripSecrets<T extends Value>(value: T): T {
  return mapValue(value, same, (each) => (isSecret(each) ? (each.value ?? null) : each)) as T;
}

/** A reference to a resource becomes its ID (a component's: its URN), for providers that know no references. */
export function stripReferences<T extends Value>(value: T): T {
  return mapValue(value, same, (each) => {
    if (!isObject(each) || each[SIGNATURE] !== RESOURCE) return each;
    return each.id === undefined ? (each.urn ?? null) : each.id === "" ? UNKNOWN : each.id;
  }) as T;
}

function some(value: Value | undefined, test: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (isList(value)) return value.some((each) => some(each, test));
  return isObject(value) && Object.values(value).some((each) => some(each, test));
}

export function hasUnknown(value: Value | undefined): boolean {
  return some(value, (each) => each === UNKNOWN);
}

export function hasSecret(value: Value | undefined): boolean {
  return some(value, isSecret);
}

function ordered(value: Value): Value {
  return mapValue(value, same, (each) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each);
}

/** Equal in content; whether it is secret does not matter, as in Pulumi. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return JSON.stringify(ordered(stripSecrets(a))) === JSON.stringify(ordered(stripSecrets(b)));
}

function markLike(out: Value, input: Value | undefined): Value {
  if (input === undefined || isSecret(out)) return out;
  if (isSecret(input)) return makeSecret(out);
  if (isObject(out) && isObject(input)) {
    return Object.fromEntries(Object.entries(out).map(([key, each]) => [key, markLike(each, input[key])]));
  }
  if (isList(out) && isList(input) && out.length === input.length) {
    return out.map((each, index) => markLike(each, input[index]));
  }
  return hasSecret(input) ? makeSecret(out) : out;
}

/** Outputs are as secret as the inputs of the same name, and as the program says besides. */
export function markSecrets(outputs: Properties, inputs: Properties, additional: readonly string[]): Properties {
  const entries = Object.entries(outputs).map(([key, out]) => {
    const marked = markLike(out, inputs[key]);
    return [key, additional.includes(key) ? makeSecret(marked) : marked] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * What a provider returned, as the real wire would carry it: plain JSON.
 * Throws where it would: a function, undefined or a bigint inside cannot be kept.
 */
export function toValue(raw: unknown, path: string): Value {
  if (raw === null || typeof raw === "boolean" || typeof raw === "number" || typeof raw === "string") return raw;
  if (Array.isArray(raw)) return raw.map((each, index) => toValue(each, `${path}[${index}]`));
  if (typeof raw !== "object") throw new Error(`${path} is ${typeof raw}, which cannot be kept in state.`);
  return Object.fromEntries(Object.entries(raw).map(([key, each]) => [key, toValue(each, `${path}.${key}`)]));
}

export function toProperties(raw: unknown, what: string): Properties {
  const value = toValue(raw ?? {}, what);
  if (!isObject(value)) throw new Error(`${what} must be an object.`);
  return value;
}
