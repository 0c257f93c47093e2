import type { PolicyResource } from "@pulumi/policy";

type Values = Readonly<Record<string, unknown>>;

/** What reads a value that a preview does not know yet throws this, an error that the SDK does not export. */
function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === "UnknownValueError";
}

/** The value, or undefined where a preview does not know it yet: the update looks again. */
export function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
}

export function asObject(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Every text in a value, with its path; what is not known yet is left out. */
export function texts(value: unknown, path = ""): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key) => {
    const inner = known(() => (value as Values)[key]);
    return texts(inner, path === "" ? key : `${path}.${key}`);
  });
}

/** Types of resources, by the name that azure-native gives them in every version of its own. */
export function isAzure(type: string, name: string): boolean {
  const [provider, module = "", own] = type.split(":");
  // `azure-native:storage/v20240101:StorageAccount` is a storage account too.
  return provider === "azure-native" && `${module.split("/")[0] ?? ""}:${own ?? ""}` === name;
}

/** The account between a machine that copies and whoever deploys: it has blobs, no rows, and goes with the machine. */
export function isExchange({ parent }: PolicyResource): boolean {
  return parent?.type === "landbridge:host:VmExchange";
}

/** A dynamic resource of Landbridge: `pulumi-nodejs:dynamic/landbridge:TableSas`. */
export function isLandbridge(type: string, name: string): boolean {
  return /(^|[:/])landbridge:/.test(type) && type.endsWith(`:${name}`);
}
