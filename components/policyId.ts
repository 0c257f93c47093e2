import { createHash } from "node:crypto";

/**
 * The identifier of a stack's stored access policies: its own, so that two stacks on one account never revoke each
 * other's; at most 64 characters (Table Storage); our name in front, for that is how it is found once state was lost.
 */
export function policyIdOf(project: string, stack: string): string {
  const digest = createHash("sha256").update(JSON.stringify([project, stack])).digest("hex").slice(0, 8);
  const readable = stack.replace(/[^A-Za-z0-9]/g, "").slice(0, 32);
  return ["landbridge", readable, digest].filter((part) => part !== "").join("-");
}
