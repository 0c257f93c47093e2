import { z } from "zod";
import { sameAccount } from "../access/accountRef";
import { parseSasRange } from "../access/ipRange";
import type { AccessPorts } from "../access/ports";
import {
  grantAccess, PartlyGranted, permissionsFor, readAccess, renewalDue, revokeAccess, type GrantedAccess,
} from "../access/tableAccess";
import { tableNames } from "../access/tables";
import { JOURNAL_TABLE } from "../engine/journal";
import { lookAt } from "./ambient";
import {
  accountField, failuresIn, keyNameField, lifetimeField, parseInputs, policyIdField, sasRangeField, tableNameField,
} from "./fields";
import { isAccountGone, readWhileThere } from "./gone";
import {
  PartialResult, plain, same, withoutProvider, type DiffResult, type Handler, type Properties,
} from "./handler";
import { accessPorts } from "./ports";
import { holdsUnknown } from "./unknown";

const fields = {
  account: accountField,
  tables: z.union([z.literal("all"), z.array(tableNameField).min(1, "Name at least one table, or write \"all\".")]),
  purpose: z.enum(["source", "destination"]),
  lifetimeHours: lifetimeField,
  ipRange: sasRangeField.optional(),
  keyName: keyNameField,
  keyFingerprint: z.string().optional(),
  createMissing: z.boolean(),
  policyId: policyIdField,
};

/** What state keeps besides the inputs. `tables` there are those granted, `requested` those asked for. */
const stateFields = {
  account: accountField,
  purpose: fields.purpose,
  policyId: z.string(),
  granted: z.array(z.string()).default([]),
};

/** Inputs that `diff` compares as they are; a fresh token or a later expiry is none of them. */
const COMPARED = ["lifetimeHours", "ipRange", "keyName", "keyFingerprint", "createMissing"] as const;

type Inputs = z.infer<z.ZodObject<typeof fields>>;

/** Tokens for tables: granted, renewed and taken back by stored access policies. */
export function tableSasHandler(ports: AccessPorts): Handler {
  async function grant(id: string, news: Properties, before: readonly string[]): Promise<Properties> {
    const inputs = parseInputs(fields, news);
    const management = ports.open(inputs.account);
    const range = inputs.ipRange === undefined ? undefined : parseSasRange(inputs.ipRange);
    const request = { ...inputs, account: inputs.account.account, ...(range === undefined ? {} : { range }) };
    try {
      return granted(news, inputs, await grantAccess(management, request, ports));
    } catch (error) {
      if (!(error instanceof PartlyGranted)) throw error;
      const touched = [...new Set([...before, ...error.granted])];
      const outs = { ...withoutProvider(news), tables: [], requested: inputs.tables, granted: touched };
      throw new PartialResult(id, news, outs, error.cause);
    }
  }

  return {
    async check(_olds, news) {
      const failures = failuresIn(fields, news);
      if (failures.length > 0 || news["tables"] !== "all") return { inputs: news, failures };
      // "all" means other tables tomorrow: what it means now is an input, so that a preview shows the change.
      const names = await lookAt(news["account"], ports, (management) => tableNames(management, "all"));
      return { inputs: names === undefined ? news : { ...news, present: [...names].sort() }, failures };
    },
    async diff(_id, olds, news) {
      return diffTableSas(olds, news, ports.clock.now());
    },
    async create(inputs) {
      const { account, policyId } = parseInputs(fields, inputs);
      const id = `${account.account}/${policyId}`;
      return { id, outs: await grant(id, inputs, []) };
    },
    read: (id, props) => readWhileThere(id, async () => {
      const { account, purpose, policyId, granted: known } = parseInputs(stateFields, props);
      const request = { tables: known, policyId, permissions: permissionsFor(purpose) };
      return { ...withoutProvider(props), granted: await readAccess(ports.open(account), request) };
    }),
    async update(id, olds, news) {
      const before = parseInputs(stateFields, olds);
      const outs = await grant(id, news, before.granted);
      const kept = new Set(z.array(z.string()).parse(outs["granted"]).map((table) => table.toLowerCase()));
      const tables = before.granted.filter((table) => !kept.has(table.toLowerCase()));
      const { account, policyId } = before;
      try {
        await revokeAccess(ports.open(account), { tables, policyId, dropJournal: false }, ports);
      } catch (error) {
        const left = [...before.granted, ...z.array(z.string()).parse(outs["granted"])];
        throw new PartialResult(id, news, { ...outs, granted: [...new Set(left)] }, error);
      }
      return { outs };
    },
    async delete(_id, props) {
      const { account, purpose, policyId, granted: tables } = parseInputs(stateFields, props);
      try {
        await revokeAccess(ports.open(account), { tables, policyId, dropJournal: purpose === "destination" }, ports);
      } catch (error) {
        if (!isAccountGone(error)) throw error;
        ports.say(`${account.account} is gone, and every token for it.`);
      }
    },
  };
}

function granted(news: Properties, inputs: Inputs, access: GrantedAccess): Properties {
  const journal = inputs.purpose === "destination" ? [JOURNAL_TABLE] : [];
  return plain({
    ...withoutProvider(news),
    ...access,
    requested: inputs.tables,
    granted: [...access.tables, ...journal],
  });
}

function diffTableSas(olds: Properties, news: Properties, nowMs: number): DiffResult {
  const known = Object.keys(fields).filter((name) => !holdsUnknown(news[name]));
  const differs = (name: string, old: unknown = olds[name]) =>
    known.includes(name) && !same(old, news[name]);
  const replaces = [
    ...(known.includes("account") && !sameAccountIn(olds["account"], news["account"]) ? ["account"] : []),
    ...["purpose", "policyId"].filter((name) => differs(name)),
  ];
  // The new one would share the journal's table, and on one account the policy: first the old one goes.
  if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: true };
  const unknown = known.length < Object.keys(fields).length;
  const changes = unknown || COMPARED.some((name) => differs(name)) || differs("tables", olds["requested"])
    || isIncomplete(olds) || presentDiffers(olds, news)
    || renewalDue(String(olds["expiresOn"]), Number(news["lifetimeHours"]), nowMs);
  return { changes };
}

function sameAccountIn(old: unknown, now: unknown): boolean {
  const [a, b] = [accountField.safeParse(old), accountField.safeParse(now)];
  return a.success && b.success && sameAccount(a.data, b.data);
}

/** Recorded tokens that do not cover what they should: a part was granted, or a policy was removed by somebody. */
function isIncomplete(olds: Properties): boolean {
  const lists = z.object({ tables: z.array(z.string()), granted: z.array(z.string()), bundle: z.string().min(1) });
  const state = lists.safeParse(olds);
  if (!state.success) return true;
  const has = new Set(state.data.granted);
  const wanted = olds["purpose"] === "destination" ? [...state.data.tables, JOURNAL_TABLE] : state.data.tables;
  return wanted.some((table) => !has.has(table));
}

function presentDiffers(olds: Properties, news: Properties): boolean {
  const names = z.array(z.string());
  const [present, tables] = [names.safeParse(news["present"]), names.safeParse(olds["tables"])];
  if (!present.success || news["tables"] !== "all") return false;
  return !tables.success || !same([...tables.data].sort(), [...present.data].sort());
}

export const { check, diff, create, read, update, delete: remove } = tableSasHandler(accessPorts);
export { remove as delete };
