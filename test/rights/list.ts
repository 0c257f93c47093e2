import list from "../../docs/permissions.json";

export interface Right {
  /** As Azure spells it: `Microsoft.Storage/storageAccounts/read`. */
  readonly right: string;
  /** What a management API asks for, unless it is one on data. */
  readonly plane?: string;
  readonly for: string;
  /** No call recorded here needs it, and why it is listed all the same. */
  readonly elsewhere?: string;
}

export interface Grant {
  readonly title: string;
  readonly scope: string;
  readonly roles: readonly string[];
  readonly rights: readonly Right[];
}

export interface Role {
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
}

export type GrantName = keyof typeof list.grants;
export type TokenName = keyof typeof list.tokens;

export const ROLES: Readonly<Record<string, Role>> = list.roles;
export const GRANTS: Readonly<Record<GrantName, Grant>> = list.grants;
export const TOKENS: Readonly<Record<TokenName, { readonly title: string; readonly letters: string }>> = list.tokens;

function matches(pattern: string, right: string): boolean {
  const expression = pattern.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${expression}$`, "i").test(right);
}

/** Whether a role has a right, as Azure reads role definitions: wildcards, any casing, what it takes back again. */
export function roleHas(role: Role, { right, plane }: Pick<Right, "right" | "plane">): boolean {
  if (plane === "data") return (role.dataActions ?? []).some((pattern) => matches(pattern, right));
  return role.actions.some((pattern) => matches(pattern, right))
    && !(role.notActions ?? []).some((pattern) => matches(pattern, right));
}

/** The same whatever their casing. */
function fold(rights: Iterable<string>): ReadonlySet<string> {
  return new Set([...rights].map((right) => right.toLowerCase()));
}

/** What calls needed and no grant lists. */
export function missing(needed: Iterable<string>, grants: readonly GrantName[]): readonly string[] {
  const listed = fold(grants.flatMap((name) => GRANTS[name].rights.map(({ right }) => right)));
  return [...new Set(needed)].filter((right) => !listed.has(right.toLowerCase())).sort();
}

/** What a grant lists, no call needed and no reason explains; and what it says cannot be seen here, and was seen. */
export function superfluous(needed: Iterable<string>, grant: GrantName): readonly string[] {
  const seen = fold(needed);
  return GRANTS[grant].rights
    .filter(({ right, elsewhere }) => seen.has(right.toLowerCase()) === (elsewhere !== undefined))
    .map(({ right }) => right);
}

/** How calls and grants differ: what no grant has, and what one of `exact` has that no call needed. */
export function differences(needed: ReadonlySet<string>, grants: readonly GrantName[], exact = grants) {
  return { missing: missing(needed, grants), superfluous: exact.flatMap((grant) => superfluous(needed, grant)) };
}

export const NONE = { missing: [], superfluous: [] };
