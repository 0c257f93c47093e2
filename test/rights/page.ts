import { join } from "node:path";

import { writeSection } from "../documents";
import { GRANTS, TOKENS, type GrantName } from "./list";

export const PAGE = join(__dirname, "..", "..", "docs", "permissions.md");

/** `Microsoft.Storage/storageAccounts/read` below `Microsoft.Storage/storageAccounts` is `read`. */
function namespaceOf(right: string): string {
  return right.split("/").slice(0, 2).join("/");
}

/** A grant as the page shows it: one row per right, with those that no call needs marked as Azure's own checks. */
export function grantTable(name: GrantName): string {
  const { rights, roles, scope } = GRANTS[name];
  const rows = rights.map(({ right, plane, for: purpose, elsewhere }) => {
    const marks = [...(plane === "data" ? ["on data"] : []), ...(elsewhere === undefined ? [] : ["checked by Azure"])];
    const mark = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
    const namespace = namespaceOf(right);
    const [below, rest] = [namespace.replace(/^Microsoft\./, ""), right.slice(namespace.length + 1)];
    return `| \`${below}\` | \`${rest}\`${mark} | ${purpose} |`;
  });
  const held = roles.map((role) => `*${role}*`).join(", ");
  return [`On ${scope}. In ${held}.`, "", "| Below `Microsoft.` | Right | For |", "|---|---|---|", ...rows].join("\n");
}

export function tokenTable(): string {
  const rows = Object.values(TOKENS).map(({ title, letters }) => `| ${title} | \`${letters}\` |`);
  return ["| Token | Rights |", "|---|---|", ...rows].join("\n");
}

/** Name of a section in the page -> what stands there. */
export function sections(): Readonly<Record<string, string>> {
  const grants = (Object.keys(GRANTS) as GrantName[]).map((name) => [`rights-${name}`, grantTable(name)] as const);
  return { ...Object.fromEntries(grants), "rights-tokens": tokenTable() };
}

if (require.main === module) {
  for (const [name, body] of Object.entries(sections())) writeSection(PAGE, name, body);
}
