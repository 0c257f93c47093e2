import type { SimulatedAccount } from "./account";
import type { Budgets } from "./budget";
import { continuationHeaders, continuationOf } from "./continuation";
import type { EntityStyle, StoredEntity } from "./entity";
import { writeMembers } from "./entity";
import { refuse } from "./errors";
import type { Filter } from "./filter";
import { EVERYTHING, parseFilter } from "./filter";
import type { MetadataLevel } from "./http";
import { quote } from "./json";
import type { PagingHabits } from "./paging";
import { findPage, readToken, writeToken } from "./paging";
import type { Profile } from "./profile";
import type { Access } from "./rights";
import { inRange } from "./rights";
import type { StoredRow } from "./row";
import type { Target } from "./target";

/** A JSON answer and the headers that belong to it. */
export interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface QueryContext {
  readonly account: SimulatedAccount;
  readonly access: Access;
  readonly target: Target;
  readonly level: MetadataLevel;
  readonly profile: Profile;
  readonly paging: PagingHabits;
  readonly budgets: Budgets;
  readonly ascii: boolean;
  readonly random: () => number;
}

const OPTIONS = new Set(["$filter", "$top", "$select", "$format"]);
const PAGE_PREFIX = "x-ms-continuation-";

function checkOptions(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (name.startsWith("$") && !OPTIONS.has(name)) throw refuse.notImplemented();
  }
}

function top(query: URLSearchParams, { pageRowsMax, topMax }: Profile): number {
  const asked = query.get("$top");
  if (asked === null) return pageRowsMax;
  const rows = /^\d{1,9}$/.test(asked) ? Number(asked) : 0;
  if (rows < 1 || rows > topMax) throw refuse.invalidInput(`$top must be 1 to ${topMax}, not ${asked}.`);
  return rows;
}

function select(query: URLSearchParams): readonly string[] | undefined {
  const asked = query.get("$select")?.trim();
  if (asked === undefined || asked === "" || asked === "*") return undefined;
  return [...new Set(asked.split(",").map((name) => name.trim()))];
}

function style(context: QueryContext, table: string): EntityStyle {
  const names = select(context.target.query);
  return {
    level: context.level,
    ascii: context.ascii,
    root: context.target.root,
    account: context.account.name,
    table,
    spelling: context.profile.spelling,
    ...(names !== undefined && { select: names }),
  };
}

function metadataLink(context: QueryContext, suffix: string): string[] {
  if (context.level === "nometadata") return [];
  return [`"odata.metadata":${quote(`${context.target.root}/$metadata#${suffix}`)}`];
}

/** The fragment after the table's name: what was selected, and whether it is one entity. */
function selected(context: QueryContext): string {
  const names = select(context.target.query);
  return names === undefined ? "" : `&$select=${names.join(",")}`;
}

function elementLink(context: QueryContext, table: string, suffix: string): string[] {
  if (context.level === "nometadata") return [];
  return [`"odata.metadata":${quote(context.profile.spelling.elementLink(context.target.root, suffix, table))}`];
}

function filterOf(query: URLSearchParams, access: Access, profile: Profile): Filter {
  const asked = query.get("$filter");
  const wanted = asked === null || asked.trim() === "" ? EVERYTHING : parseFilter(asked, profile.timestampFilters);
  if (access.kind !== "table") return wanted;
  const { range } = access;
  return {
    keys: wanted.keys,
    matches: (row) => inRange(range, row.partitionKey, row.rowKey) && wanted.matches(row),
  };
}

/** The entities of a page between its brackets. Rows are kept as minimal metadata spells them: no need to read them. */
function pageBytes(before: string, rows: readonly StoredRow[]): Uint8Array {
  const bytes = rows.reduce((sum, row) => sum + row.bytes + 1, before.length * 3 + 2);
  const body = Buffer.allocUnsafe(bytes);
  let at = body.write(before, 0);
  for (const [n, row] of rows.entries()) {
    if (n > 0) body[at++] = 0x2c;
    at = row.copyTo(body, at);
  }
  at += body.write("]}", at);
  return body.subarray(0, at);
}

/** Values and what they are: in that order, or in the other. */
function listing({ profile }: QueryContext, link: readonly string[], values: string): string {
  const value = `"value":[${values}]`;
  return `{${(profile.spelling.valueFirst ? [value, ...link] : [...link, value]).join(",")}}`;
}

/** GET /Table(): one page of rows. */
export function queryRows(context: QueryContext, name: string): Answer {
  const { profile, target: { query } } = context;
  checkOptions(query);
  const table = context.account.table(name);
  const filter = filterOf(query, context.access, profile);
  const wanted = { filter, rowsMax: top(query, profile), from: continuationOf(query, profile) };
  const page = findPage(table, wanted, context.paging, context.random());
  const spelling = style(context, table.name);
  const plainly = spelling.select === undefined && !spelling.ascii && spelling.level === "minimalmetadata";
  const kept = plainly && profile.name === "storage";
  const values = kept ? "" : page.rows.map((row) => `{${writeMembers(row, spelling)}}`).join(",");
  const partitionKeys = page.rows.map(({ partitionKey }) => partitionKey);
  const bytes = kept ? page.rows.reduce((sum, row) => sum + row.bytes, 0) : values.length;
  const { name: account } = context.account;
  context.budgets.admit({ account, table: table.name, partitionKeys, bytes, kind: "query" });
  const headers = page.next === undefined ? {} : continuationHeaders(page.next, profile);
  const link = metadataLink(context, `${table.name}${selected(context)}`);
  if (!kept) return { headers, body: listing(context, link, values) };
  return { headers, body: pageBytes(`{${[...link, '"value":['].join(",")}`, page.rows) };
}

/** GET /Table(PartitionKey='..',RowKey='..'). */
export function readRow(
  context: QueryContext,
  name: string,
  partitionKey: string,
  rowKey: string,
): Answer & { readonly row: StoredEntity } {
  checkOptions(context.target.query);
  const table = context.account.table(name);
  const row = table.rows.get(partitionKey, rowKey);
  if (row === undefined) throw refuse.resourceNotFound();
  const link = elementLink(context, table.name, `${table.name}/@Element${selected(context)}`);
  return { headers: {}, row, body: `{${[...link, writeMembers(row, style(context, table.name))].join(",")}}` };
}

/** What an insert answers where the client wants to see the row. */
export function echoRow(context: QueryContext, name: string, row: StoredEntity): string {
  return `{${[...elementLink(context, name, `${name}/@Element`), writeMembers(row, style(context, name))].join(",")}}`;
}

function tableMembers(context: QueryContext, name: string): string {
  const link = `Tables('${name}')`;
  const full = context.level !== "fullmetadata" ? [] : [
    `"odata.type":${quote(`${context.account.name}.Tables`)}`,
    `"odata.id":${quote(`${context.target.root}/${link}`)}`,
    `"odata.editLink":${quote(link)}`,
  ];
  return [...full, `"TableName":${quote(name)}`].join(",");
}

/** GET /Tables('Name'), and what a creation answers. */
export function describeTable(context: QueryContext, name: string): string {
  const link = metadataLink(context, "Tables/@Element");
  const members = [tableMembers(context, name)];
  return `{${(context.profile.spelling.valueFirst ? [...members, ...link] : [...link, ...members]).join(",")}}`;
}

/** GET /Tables: one page of names. */
export function queryTables(context: QueryContext): Answer {
  const { account, target: { query } } = context;
  checkOptions(query);
  const asked = query.get("$filter");
  const wanted = asked === null || asked.trim() === "" ? EVERYTHING : parseFilter(asked);
  const isWanted = (name: string) => wanted.matches({
    partitionKey: "", rowKey: "", ticks: 0n, properties: new Map([["TableName", { type: "Edm.String", value: name }]]),
  });
  const resume = query.get("NextTableName");
  const first = resume === null ? "" : readToken(resume);
  const names = account.tableNames().filter((name) => account.keyOf(name) >= first && isWanted(name));
  const rowsMax = Math.min(top(query, context.profile), context.paging.pageRowsMax ?? Number.POSITIVE_INFINITY);
  const page = names.slice(0, rowsMax);
  const next = names[rowsMax];
  const values = page.map((name) => `{${tableMembers(context, name)}}`).join(",");
  return {
    headers: next === undefined ? {} : { [`${PAGE_PREFIX}nexttablename`]: writeToken(account.keyOf(next)) },
    body: listing(context, metadataLink(context, "Tables"), values),
  };
}
