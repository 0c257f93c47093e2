import { OperationalError } from "../engine/errors";
import { POLICIES_MAX, type AccessPolicy } from "./accountManagement";

/** What every policy of ours begins with: so that they can be told from others when state is lost. */
export const POLICY_PREFIX = "landbridge-";

/** A limit of the service. */
export const POLICY_ID_LENGTH_MAX = 64;

export function isOurs(policy: AccessPolicy): boolean {
  return policy.id.startsWith(POLICY_PREFIX);
}

/** The list with `policy` in it, others untouched and in their places. Throws `TooManyPolicies` for a sixth. */
export function withPolicy(existing: readonly AccessPolicy[], policy: AccessPolicy, table: string): AccessPolicy[] {
  const at = existing.findIndex(({ id }) => id === policy.id);
  if (at >= 0) return existing.map((other, index) => (index === at ? policy : other));
  if (existing.length < POLICIES_MAX) return [...existing, policy];
  const ids = existing.map(({ id }) => JSON.stringify(id)).join(", ");
  const stale = existing.some(isOurs)
    ? ` Those that begin with ${POLICY_PREFIX} are of other moves: \`landbridge access list\` shows them.` : "";
  throw new OperationalError({
    code: "TooManyPolicies",
    message: `Table ${table} already has ${existing.length} stored access policies (${ids}), and the service allows `
      + `${POLICIES_MAX}. Remove one that is no longer needed: tokens that name it stop working.${stale}`,
  });
}

/** The list without the policy of that name, others untouched; undefined where there is nothing to change. */
export function withoutPolicy(existing: readonly AccessPolicy[], id: string): AccessPolicy[] | undefined {
  const rest = existing.filter((policy) => policy.id !== id);
  return rest.length === existing.length ? undefined : rest;
}

/** Whether two policies say the same; a service may spell a time with more digits than it was given. */
export function samePolicy(a: AccessPolicy, b: AccessPolicy): boolean {
  const ms = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));
  const letters = (text: string) => [...text].sort().join("");
  return a.id === b.id && letters(a.permissions) === letters(b.permissions)
    && ms(a.startsOn) === ms(b.startsOn) && ms(a.expiresOn) === ms(b.expiresOn);
}
