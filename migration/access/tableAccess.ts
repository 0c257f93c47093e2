import { JOURNAL_TABLE } from "../engine/journal";
import { OperationalError } from "../engine/errors";
import type { AccessPolicy, AccountManagement, KeyName } from "./accountManagement";
import { formatBundle } from "./bundle";
import { forEachTable } from "./forEachTable";
import type { Ipv4Range } from "./ipRange";
import { deleteUnusedJournal } from "./journalTable";
import { mintTableSas, readKey } from "./mint";
import { withPolicy } from "./policies";
import { dropPolicy, putPolicy } from "./policyChange";
import type { AccessPorts } from "./ports";
import { createTables, tableNames } from "./tables";
import { waitUntilUsable } from "./usable";

const HOUR_MS = 3_600_000;
/** Policies start this early: clocks of two organisations differ. */
const EARLY_MS = 15 * 60_000;

export interface AccessRequest {
  readonly account: string;
  readonly purpose: "source" | "destination";
  readonly tables: readonly string[] | "all";
  readonly lifetimeHours: number;
  readonly range?: Ipv4Range;
  readonly keyName: KeyName;
  readonly createMissing: boolean;
  readonly policyId: string;
}

export interface GrantedAccess {
  /** The credential bundle. Secret. */
  readonly bundle: string;
  readonly startsOn: string;
  readonly expiresOn: string;
  /** Without the journal's. */
  readonly tables: readonly string[];
}

/** Part of the tables have the policy and something failed: what was granted must still be taken back some day. */
export class PartlyGranted extends Error {
  constructor(readonly granted: readonly string[], override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "PartlyGranted";
  }
}

/** With less than a quarter of their lifetime left, tokens are renewed. */
export function renewalDue(expiresOn: string, lifetimeHours: number, nowMs: number): boolean {
  const expiresMs = Date.parse(expiresOn);
  return Number.isNaN(expiresMs) || expiresMs - nowMs < (lifetimeHours * HOUR_MS) / 4;
}

/**
 * Grants, or renews: a stored access policy on each table, a SAS per table that names it, proven to work.
 * Everything that can be refused is refused before anything is changed; what fails later throws `PartlyGranted`.
 */
export async function grantAccess(
  management: AccountManagement,
  request: AccessRequest,
  ports: AccessPorts,
): Promise<GrantedAccess> {
  await requireSharedKey(management);
  const tables = await tableNames(management, request.tables);
  const all = request.purpose === "destination" ? [...tables, JOURNAL_TABLE] : tables;
  const { policy, startsOn, expiresOn } = wantedPolicy(request, ports.clock.now());
  await refuseSixth(management, all, policy, request);
  const key = await readKey(management, request.keyName);
  const endpoint = await management.tableEndpoint();
  const granted: string[] = [];
  try {
    await createTables(management, request.createMissing ? all : all.filter((name) => name === JOURNAL_TABLE), ports);
    await forEachTable(all, async (table) => {
      // From here on the policy may be there, whatever the answer.
      granted.push(table);
      await putPolicy(management, table, policy, ports);
    });
    const { account, policyId, range } = request;
    const token = { account, endpoint, key, policyId, ...(range === undefined ? {} : { range }) };
    const tokens = Object.fromEntries(all.map((table) => [table, mintTableSas(table, token)]));
    await waitUntilUsable(management.name, endpoint, tokens, ports);
    const bundle = formatBundle({ version: 1, account, endpoint, expiresOn, tables: tokens });
    return { bundle, startsOn, expiresOn, tables };
  } catch (error) {
    throw new PartlyGranted(granted, error);
  }
}

/**
 * Takes access back: our policy goes from each table, others stay, and so every token that names it is dead.
 * Tables that are gone are fine. A destination's journal table goes with it, unless another move still works with it.
 */
export async function revokeAccess(
  management: AccountManagement,
  request: { readonly tables: readonly string[]; readonly policyId: string; readonly dropJournal: boolean },
  ports: AccessPorts,
): Promise<void> {
  const { policyId, dropJournal } = request;
  const tables = dropJournal ? new Set([...request.tables, JOURNAL_TABLE]) : request.tables;
  await forEachTable([...tables], (table) => dropPolicy(management, table, policyId, ports));
  if (!dropJournal) return;
  const users = await deleteUnusedJournal(management);
  if (users.length === 0) return;
  ports.say(`Table ${JOURNAL_TABLE} of ${management.name} stays: other moves (${users.join(", ")}) work with it, and `
    + "the last of them deletes it.");
}

/** On which of `tables` the policy still stands, with the rights it should give. */
export async function readAccess(
  management: AccountManagement,
  request: { readonly tables: readonly string[]; readonly policyId: string; readonly permissions: string },
): Promise<readonly string[]> {
  const found = await forEachTable(request.tables, async (table) => {
    const policies = await management.getPolicies(table);
    const ours = policies?.find(({ id }) => id === request.policyId);
    return ours !== undefined && ours.permissions === request.permissions ? [table] : [];
  });
  return found.flat();
}

/** The source is read, and nothing more; the destination is read and written. */
export function permissionsFor(purpose: "source" | "destination"): string {
  return purpose === "source" ? "r" : "raud";
}

function wantedPolicy(request: AccessRequest, nowMs: number) {
  const whole = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString();
  const startsOn = whole(nowMs - EARLY_MS);
  const expiresOn = whole(nowMs + request.lifetimeHours * HOUR_MS);
  const policy = { id: request.policyId, startsOn, expiresOn, permissions: permissionsFor(request.purpose) };
  return { policy, startsOn, expiresOn };
}

async function requireSharedKey(management: AccountManagement): Promise<void> {
  if (await management.allowSharedKeyAccess()) return;
  throw new OperationalError({
    code: "SharedKeyRefused",
    message: `${management.name} refuses account keys and what they sign (allowSharedKeyAccess is false), so a SAS `
      + "would not work. Run the same command again: the move then signs in by Entra ID, unless sharedKeyAccess is "
      + "true on that side.",
  });
}

/** Looks at every table before one is changed. */
async function refuseSixth(
  management: AccountManagement,
  tables: readonly string[],
  policy: AccessPolicy,
  request: AccessRequest,
): Promise<void> {
  const missing = (await forEachTable(tables, async (table) => {
    const existing = await management.getPolicies(table);
    if (existing !== undefined) withPolicy(existing, policy, table);
    return existing === undefined && table !== JOURNAL_TABLE ? [table] : [];
  })).flat();
  if (missing.length === 0 || request.createMissing) return;
  throw new OperationalError({
    code: "TableNotFound",
    message: `There is no table ${missing.join(", ")} in ${management.name}. Correct the names, or have missing tables `
      + "created.",
  });
}
