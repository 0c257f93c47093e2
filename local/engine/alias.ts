import { makeUrn, parseUrn, STACK_TYPE, type Urn } from "./urn";

/** A name that a resource had before: a whole URN, or what was different. */
export type Alias =
  | { readonly urn: string }
  | {
      readonly name?: string;
      readonly type?: string;
      readonly stack?: string;
      readonly project?: string;
      readonly parent?: string;
      readonly noParent?: boolean;
    };

export interface Named {
  readonly name: string;
  readonly type: string;
  /** A URN; "" for none. */
  readonly parent: string;
  readonly aliases: readonly Alias[];
}

type Where = Pick<Urn, "stack" | "project">;

function toUrn(where: Where, resource: Named, alias: Alias, formerParents: ReadonlyMap<string, string>): string {
  if ("urn" in alias) return alias.urn;
  const declared = alias.parent ?? resource.parent;
  const parent = alias.parent === undefined ? declared : (formerParents.get(declared) ?? declared);
  const above = alias.noParent === true || parent === "" || parseUrn(parent).type === STACK_TYPE ? "" : parent;
  const there = { stack: alias.stack ?? where.stack, project: alias.project ?? where.project };
  return makeUrn(there, above, alias.type ?? resource.type, alias.name ?? resource.name);
}

/** A child of a renamed parent was named after it, by the convention `<parent's name>-<rest>`. */
function inherited(where: Where, type: string, name: string, parentName: string, formerParent: string): string {
  const before = parseUrn(formerParent).name;
  const formerName = name.startsWith(parentName) ? before + name.slice(parentName.length) : name;
  return makeUrn(where, formerParent, type, formerName);
}

/**
 * Every URN this resource may have had: its own aliases, those of its parent, and both together.
 * `formerParents`: URN -> the URN under which this run found it in state.
 */
export function formerUrns(
  where: Where,
  resource: Named,
  formerParents: ReadonlyMap<string, string>,
): readonly string[] {
  const own = resource.aliases.map((alias) => toUrn(where, resource, alias, formerParents));
  const formerParent = formerParents.get(resource.parent);
  if (formerParent === undefined) return [...new Set(own)];
  const parentName = parseUrn(resource.parent).name;
  const through = own.map(parseUrn).map(({ type, name }) => inherited(where, type, name, parentName, formerParent));
  const direct = inherited(where, resource.type, resource.name, parentName, formerParent);
  return [...new Set([...own, direct, ...through])];
}
