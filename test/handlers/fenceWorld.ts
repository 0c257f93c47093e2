import { AzureNamedKeyCredential, generateAccountSas } from "@azure/data-tables";
import type { KeyName } from "../../migration/access/accountManagement";
import type { FencePorts } from "../../migration/access/shutKeys";
import type { RoleWriter } from "../../migration/access/roleWriters";
import type { TokenAnswer } from "../../migration/access/tryToken";
import { OperationalError } from "../../migration/engine/errors";
import { formerNetworkHandler } from "../../migration/handlers/formerNetwork";
import type { Handler, Properties } from "../../migration/handlers/handler";
import { sourceFenceHandler } from "../../migration/handlers/sourceFence";
import { accountOf, CONTOSO, newWorld, type MemoryAccount, type World } from "../access/world";

/** The machine that moves, and the application's: both are let in before. */
export const OURS = "203.0.113.7";
export const THEIRS = "198.51.100.0/24";
export const SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

export const INPUTS: Properties = {
  __provider: "text", account: CONTOSO, mode: "both", keyName: "key2", tables: ["Cities"], ipRanges: [OURS],
  subnetIds: [], sharedAccount: false, frozen: false,
};
const NETWORK: Properties = { __provider: "text", account: CONTOSO, ipRanges: [OURS], subnetIds: [] };

export interface FenceWorld {
  readonly world: World;
  readonly ports: FencePorts;
  readonly account: MemoryAccount;
  readonly fence: Handler;
  readonly network: Handler;
  /** How long the service goes on taking a key that was regenerated. */
  lateMs: number;
  /** What a write is answered instead. */
  answer: TokenAnswer | undefined;
  /** Who writes by a role; undefined: nobody may look. */
  writers: readonly RoleWriter[] | undefined;
  /** Writes that were tried, and what they were answered. */
  readonly tried: TokenAnswer[];
}

/** A write by a token, judged as the service would: by the keys of the moment, and those it has not forgotten yet. */
function judge(made: FenceWorld, known: Map<string, number>, sas: string): TokenAnswer {
  const { account, world } = made;
  const now = world.clock.now();
  const current = [account.keyValue("key1"), account.keyValue("key2")];
  for (const key of current) known.set(key, now);
  const fields = new URLSearchParams(sas);
  const signs = ([key, seenMs]: [string, number]) => (current.includes(key) || now < seenMs + made.lateMs)
    && signatureOf(key, fields) === sas;
  return [...known].some(signs) ? { status: 404, code: "ResourceNotFound" }
    : { status: 403, code: "AuthenticationFailed" };
}

function signatureOf(key: string, fields: URLSearchParams): string {
  return generateAccountSas(new AzureNamedKeyCredential(CONTOSO.account, key), {
    services: { table: true },
    resourceTypes: "o",
    permissions: { delete: true },
    startsOn: new Date(fields.get("st") ?? ""),
    expiresOn: new Date(fields.get("se") ?? ""),
  });
}

export function newFenceWorld(tables: readonly string[] = ["Cities"]): FenceWorld {
  const world = newWorld([CONTOSO.account, tables]);
  const known = new Map<string, number>();
  const ports: FencePorts = {
    ...world,
    roleWriters: () => {
      if (made.writers === undefined) {
        throw new OperationalError({ code: "AuthorizationFailed", message: "No right to read roles." });
      }
      return Promise.resolve(made.writers);
    },
    tryWrite: (_endpoint, _table, sas) => {
      const answer = made.answer ?? judge(made, known, String(sas));
      made.tried.push(answer);
      return Promise.resolve(answer);
    },
  };
  const made: FenceWorld = {
    writers: [],
    world,
    ports,
    account: accountOf(world),
    fence: sourceFenceHandler(ports),
    network: formerNetworkHandler(ports),
    lateMs: 0,
    answer: undefined,
    tried: [],
  };
  return made;
}

export function keysOf({ account }: FenceWorld): Readonly<Record<KeyName, string>> {
  return { key1: account.keyValue("key1"), key2: account.keyValue("key2") };
}

/** State of the two resources, as Pulumi keeps it: what a step that was killed did is not in it. */
export interface FenceState {
  network?: { readonly id: string; readonly outs: Properties };
  fence?: { readonly id: string; readonly outs: Properties };
}

/** An `up` of both: what changed is done, in their order, and each step is in state once it is through. */
export async function up(made: FenceWorld, state: FenceState, changes: Properties = {}): Promise<string[]> {
  const steps: string[] = [];
  const olds = (handler: "network" | "fence") => state[handler]?.outs ?? {};
  for (const [name, wanted] of [["network", NETWORK], ["fence", { ...INPUTS, ...changes }]] as const) {
    const handler = made[name];
    const { inputs, failures } = await handler.check(olds(name), wanted);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join());
    const before = state[name];
    if (before === undefined) {
      state[name] = await handler.create(inputs);
      steps.push(`${name} created`);
    } else if ((await handler.diff(before.id, before.outs, inputs)).changes) {
      state[name] = { id: before.id, ...(await handler.update(before.id, before.outs, inputs)) };
      steps.push(`${name} updated`);
    }
  }
  return steps;
}

/** A `destroy` of both. */
export async function down(made: FenceWorld, state: FenceState): Promise<void> {
  for (const name of ["fence", "network"] as const) {
    const there = state[name];
    if (there !== undefined) await made[name].delete(there.id, there.outs);
    delete state[name];
  }
}

/** The process dies at the nth call of the account's management: before it arrives, or after it did its work. */
export function killAt({ account }: FenceWorld, nth: number, when: "before" | "after"): { calls: number } {
  const counted = { calls: 0 };
  const methods = ["listKeys", "regenerateKey", "getNetworkRules", "setNetworkRules", "listTables", "listOtherData",
    "allowSharedKeyAccess", "tableEndpoint", "publicNetworkAccess", "countPrivateEndpoints"] as const;
  for (const method of methods) {
    const real = account[method].bind(account) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(account, {
      [method]: async (...args: unknown[]) => {
        counted.calls += 1;
        const dies = counted.calls === nth;
        if (dies && when === "before") throw new Killed();
        const result = await real(...args);
        if (dies) throw new Killed();
        return result;
      },
    });
  }
  return counted;
}

export class Killed extends Error {
  constructor() {
    super("killed");
    this.name = "Killed";
  }
}

/** The account's management as it is. */
export function revive({ account }: FenceWorld): void {
  for (const name of Object.keys(account)) {
    if (typeof (account as unknown as Record<string, unknown>)[name] === "function" && name !== "before"
      && name !== "after") {
      Reflect.deleteProperty(account, name);
    }
  }
}

/** A firewall that lets in whoever comes, and has rules besides. */
export const OPEN = {
  defaultAction: "Allow", bypass: "Logging, AzureServices", ipRules: [{ value: THEIRS }],
  subnetRules: [{ subnetId: SUBNET }], resourceRules: [{ tenantId: "t", resourceId: "/subscriptions/s/factory" }],
} as const;

export function setUp(rules: typeof OPEN | { readonly defaultAction: "Deny" | "Allow" } = OPEN) {
  const made = newFenceWorld();
  made.account.rules = rules;
  const state: FenceState = {};
  return { ...made, made, state, before: keysOf(made) };
}
