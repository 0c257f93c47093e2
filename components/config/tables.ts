import { z } from "zod";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { TableInput } from "../../migration/resources/tableInput";
import { choice, field, isPlaceholder, text } from "./fields";
import { nearest, show } from "./mistakes";

/** Table names: 3 to 63 letters and digits, a letter first; `tables` is the service's own, the journal's is ours. */
function isTableName(value: unknown): value is string {
  if (typeof value !== "string" || !/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(value)) return false;
  return value.toLowerCase() !== "tables" && value.toLowerCase() !== JOURNAL_TABLE;
}

const tableName = field<string>(
  "a table's name",
  `Write 3 to 63 letters and digits, a letter first; \`tables\` and \`${JOURNAL_TABLE}\` are taken.`,
  isTableName,
);

const SYSTEM_PROPERTIES = ["PartitionKey", "RowKey", "Timestamp"];

/** Why a property name cannot take part in a rename; undefined where it can. */
function refuseProperty(name: string): string | undefined {
  if (isPlaceholder(name)) return "is a placeholder that nobody has filled in";
  if (SYSTEM_PROPERTIES.includes(name)) return "is a system property, whose name the service gives";
  if (name.startsWith("odata.")) return "is OData metadata, not a property";
  if (!/^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]{0,254}$/u.test(name)) {
    return "is not a property's name (a letter or `_` first, then letters, digits and `_`, at most 255)";
  }
  return undefined;
}

interface Context {
  addIssue(issue: { code: "custom"; path: PropertyKey[]; message: string }): void;
}

/** Renames must be bijective, or verification could not read them backwards. Reports every breach. */
function checkRenames(renames: Readonly<Record<string, unknown>>, context: Context): void {
  const byTarget = new Map<string, string>();
  for (const [from, to] of Object.entries(renames)) {
    const complain = (message: string) => context.addIssue({ code: "custom", path: [from], message });
    if (typeof to !== "string") {
      complain(`${show(to)} is not a property's name. Write it as \`Old: New\`.`);
      continue;
    }
    for (const name of [from, to]) {
      const reason = refuseProperty(name);
      if (reason !== undefined) complain(`${show(name)} ${reason}. Leave it out, or choose another name.`);
    }
    if (from === to) complain(`${show(from)} is renamed to itself. Leave it out.`);
    const other = byTarget.get(to);
    if (other !== undefined) {
      complain(`${show(from)} and ${show(other)} both become ${show(to)}. Give each a name of its own.`);
    }
    byTarget.set(to, from);
  }
}

/** Property renames of one table, or of all. */
export const renames = z
  .record(z.string(), z.unknown(), {
    error: ({ input }) => `${show(input)} is not a map of renames. Write it as \`Old: New\`, a line each.`,
  })
  .superRefine(checkRenames)
  .transform((map) => map as Readonly<Record<string, string>>);

const MODE_REMEDY = "replace makes rows equal; merge keeps properties that only the destination has.";
const FILTER_REMEDY = "Write it like `PartitionKey eq 'DE'`, or leave it out for all rows.";

/** The settings of one table, besides its name. */
export const tableSettings = z.strictObject({
  newName: tableName.optional(),
  renames: renames.optional(),
  mode: choice(["replace", "merge"], MODE_REMEDY).optional(),
  filter: text("an OData filter", FILTER_REMEDY, /\S/).optional(),
});

const TABLE_KEYS = ["table", ...Object.keys(tableSettings.shape)];

/** One table as it is written (any spelling) -> name and settings as they stand. */
type Entry = readonly [path: readonly PropertyKey[], name: unknown, settings: unknown];

function entries(value: unknown): readonly Entry[] | undefined {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index): Entry => {
      if (typeof item !== "object" || item === null) return [[index], item, {}];
      const { table, ...settings } = item as Record<string, unknown>;
      return [[index], table, settings];
    });
  }
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).map(([name, settings]): Entry => [[name], name, settings ?? {}]);
}

function toInput(name: string, settings: z.output<typeof tableSettings>): TableInput {
  const { newName, ...rest } = settings;
  return { table: name, ...(newName === undefined ? {} : { destinationTable: newName }), ...rest };
}

/** What a reader of an issue needs: unknown keys get the nearest known one. */
export function unknownKeyMessage(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  const hint = meant === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean \`${meant}\`?`;
  return `this key is not known. ${hint}`;
}

/** Table names are case-insensitive on Storage, so doublets are found without case. */
function refuseDoublets(tables: readonly [readonly PropertyKey[], TableInput][], context: Context): void {
  const sides = [
    { side: "source", of: (table: TableInput) => table.table },
    { side: "destination", of: (table: TableInput) => table.destinationTable ?? table.table },
  ];
  for (const { side, of } of sides) {
    const seen = new Map<string, string>();
    for (const [path, table] of tables) {
      const name = of(table);
      const other = seen.get(name.toLowerCase());
      if (other !== undefined) {
        const twice = `${show(name)} is there twice in the ${side} (also as ${show(other)}; case does not count)`;
        context.addIssue({ code: "custom", path: [...path], message: `${twice}. Keep one.` });
      }
      seen.set(name.toLowerCase(), name);
    }
  }
}

function readEntry([path, name, settings]: Entry, context: Context): TableInput | undefined {
  const named = tableName.safeParse(name);
  const rest = tableSettings.safeParse(settings);
  const under = (issuePath: readonly PropertyKey[]) => [...path, ...issuePath];
  for (const issue of named.error?.issues ?? []) {
    context.addIssue({ code: "custom", path: under(issue.path), message: issue.message });
  }
  for (const issue of rest.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        context.addIssue({ code: "custom", path: under([key]), message: unknownKeyMessage(key, TABLE_KEYS) });
      }
      continue;
    }
    const message = issue.code === "invalid_type" ? `${show(settings)} is not a map of settings.` : issue.message;
    context.addIssue({ code: "custom", path: under(issue.path), message });
  }
  return named.success && rest.success ? toInput(named.data, rest.data) : undefined;
}

/** `all`, a list of names (or of maps with `table`), or a map from name to settings. */
export const tables = z.unknown().transform((value, context): "all" | readonly TableInput[] => {
  if (value === "all") return "all";
  const written = entries(value);
  if (written === undefined || written.length === 0) {
    const what = value === undefined || value === null ? "is missing" : `${show(value)} names no tables`;
    const remedy = "Write `all`, a list of names, or a map from name to settings.";
    context.addIssue({ code: "custom", message: `${what}. ${remedy}` });
    return z.NEVER;
  }
  const read = written.flatMap((entry) => {
    const table = readEntry(entry, context);
    return table === undefined ? [] : [[entry[0], table] as [readonly PropertyKey[], TableInput]];
  });
  refuseDoublets(read, context);
  return read.map(([, table]) => table);
});
