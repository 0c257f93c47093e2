export const STACK_TYPE = "pulumi:pulumi:Stack";

/** `urn:pulumi:<stack>::<project>::<parent's types>$<type>::<name>`, taken apart. */
export interface Urn {
  readonly stack: string;
  readonly project: string;
  /** With the types of all parents but the stack, outermost first, joined by `$`. */
  readonly qualifiedType: string;
  readonly type: string;
  readonly name: string;
}

export function parseUrn(urn: string): Urn {
  const [prefix = "", project = "", qualifiedType = "", ...name] = urn.split("::");
  const stack = /^urn:pulumi:(?<stack>.+)$/.exec(prefix)?.groups?.stack;
  if (stack === undefined || name.length === 0) throw new Error(`"${urn}" is no URN.`);
  const type = qualifiedType.split("$").at(-1) ?? qualifiedType;
  return { stack, project, qualifiedType, type, name: name.join("::") };
}

/** `parent` is a URN; "" and the stack add nothing to the type. */
export function makeUrn(where: Pick<Urn, "stack" | "project">, parent: string, type: string, name: string): string {
  const above = parent === "" ? STACK_TYPE : parseUrn(parent).qualifiedType;
  const qualified = above === STACK_TYPE ? type : `${above}$${type}`;
  return `urn:pulumi:${where.stack}::${where.project}::${qualified}::${name}`;
}

/** `azure-native:storage:StorageAccount` -> `azure-native`. */
export function packageOf(type: string): string {
  return type.split(":")[0] ?? "";
}
