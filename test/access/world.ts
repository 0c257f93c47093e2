import type {
  AccessPolicy, AccountKey, AccountManagement, KeyName, NetworkRules,
} from "../../migration/access/accountManagement";
import { POLICIES_MAX } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import { mintTableSas } from "../../migration/access/mint";
import type { AccessPorts } from "../../migration/access/ports";
import type { TokenAnswer } from "../../migration/access/tryToken";
import { OperationalError } from "../../migration/engine/errors";

type Method = Exclude<keyof AccountManagement, "name" | "account">;

export const CONTOSO: AccountRef = {
  kind: "azure", tenantId: "contoso-tenant", subscriptionId: "11111111-2222-3333-4444-555555555555",
  resourceGroup: "data", account: "contosotables",
};

/** Time that passes only when somebody sleeps. */
export class VirtualClock {
  nowMs = Date.parse("2026-01-01T00:00:00Z");
  slept = 0;

  now(): number {
    return this.nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.nowMs += ms;
    this.slept += ms;
    return Promise.resolve();
  }
}

/** A storage account in memory, as strict as the service where access depends on it. */
export class MemoryAccount implements AccountManagement {
  readonly name: string;
  readonly tables = new Map<string, AccessPolicy[]>();
  readonly calls: string[] = [];
  rules: NetworkRules = { defaultAction: "Allow" };
  publicAccess: "Enabled" | "Disabled" | "SecuredByPerimeter" = "Enabled";
  sharedKey = true;
  otherData: readonly string[] = [];
  privateEndpoints = 0;
  gone = false;
  /** Until when a deleted table's name is taken. */
  readonly beingDeletedUntilMs = new Map<string, number>();
  readonly denied = new Set<Method>();
  /** Runs before a write lands: where another writer comes in between. */
  before: (method: Method, table?: string) => void = () => undefined;
  /** Runs after a write landed. */
  after: (method: Method, table?: string) => void = () => undefined;
  /** When each table's list was last written: policies take a while to act. */
  readonly writtenMs = new Map<string, number>();
  private readonly keys: Record<KeyName, string> = { key1: newKey(1), key2: newKey(2) };
  private serial = 2;

  constructor(readonly account: string, readonly clock: VirtualClock, tables: readonly string[] = []) {
    this.name = `storage account ${account}`;
    for (const table of tables) this.tables.set(table, []);
  }

  private call(method: Method, table?: string): void {
    this.calls.push(table === undefined ? method : `${method} ${table}`);
    if (this.gone) throw new OperationalError({ code: "AccountNotFound", message: `There is no ${this.name}.` });
    if (this.denied.has(method)) {
      throw new OperationalError({ code: "AuthorizationFailed", message: `No right to ${method} on ${this.name}.` });
    }
  }

  private nameOf(table: string): string | undefined {
    return [...this.tables.keys()].find((name) => name.toLowerCase() === table.toLowerCase());
  }

  async listKeys(): Promise<readonly AccountKey[]> {
    this.call("listKeys");
    return (["key1", "key2"] as const).map((keyName) => ({ keyName, value: this.keys[keyName] }));
  }

  async regenerateKey(keyName: KeyName): Promise<void> {
    this.call("regenerateKey");
    this.serial += 1;
    this.keys[keyName] = newKey(this.serial);
  }

  async getNetworkRules(): Promise<NetworkRules> {
    this.call("getNetworkRules");
    return structuredClone(this.rules);
  }

  async setNetworkRules(rules: NetworkRules): Promise<void> {
    this.call("setNetworkRules");
    this.before("setNetworkRules");
    const values = [...(rules.ipRules ?? []), ...(rules.ipv6Rules ?? [])].map(({ value }) => value);
    const bad = values.find((value) => /\/3[12]$/.test(value) && !value.includes(":"));
    if (bad !== undefined || new Set(values).size !== values.length) {
      throw new OperationalError({ code: "ManagementFailed", message: `Refused rules: ${values.join(" ")}` });
    }
    this.rules = structuredClone(rules);
    this.after("setNetworkRules");
  }

  async listTables(): Promise<readonly string[]> {
    this.call("listTables");
    return [...this.tables.keys()];
  }

  async createTable(table: string): Promise<"created" | "existed"> {
    this.call("createTable", table);
    if (this.nameOf(table) !== undefined) return "existed";
    if ((this.beingDeletedUntilMs.get(table) ?? 0) > this.clock.now()) {
      throw new OperationalError({ code: "TableBeingDeleted", message: "still going away", retryable: true });
    }
    this.tables.set(table, []);
    return "created";
  }

  async deleteTable(table: string): Promise<void> {
    this.call("deleteTable", table);
    const name = this.nameOf(table);
    if (name !== undefined) this.tables.delete(name);
  }

  async getPolicies(table: string): Promise<readonly AccessPolicy[] | undefined> {
    this.call("getPolicies", table);
    const name = this.nameOf(table);
    return name === undefined ? undefined : structuredClone(this.tables.get(name));
  }

  async setPolicies(table: string, policies: readonly AccessPolicy[]): Promise<void> {
    this.call("setPolicies", table);
    this.before("setPolicies", table);
    const name = this.nameOf(table);
    if (name === undefined) throw new OperationalError({ code: "TableNotFound", message: `no table ${table}` });
    if (policies.length > POLICIES_MAX || new Set(policies.map(({ id }) => id)).size !== policies.length) {
      throw new OperationalError({ code: "ManagementFailed", message: `Refused ${policies.length} policies.` });
    }
    this.tables.set(name, structuredClone([...policies]));
    this.writtenMs.set(name, this.clock.now());
    this.after("setPolicies", table);
  }

  async tableEndpoint(): Promise<string> {
    this.call("tableEndpoint");
    return `https://${this.account}.table.core.windows.net`;
  }

  async publicNetworkAccess() {
    this.call("publicNetworkAccess");
    return this.publicAccess;
  }

  async allowSharedKeyAccess(): Promise<boolean> {
    this.call("allowSharedKeyAccess");
    return this.sharedKey;
  }

  async listOtherData(): Promise<readonly string[]> {
    this.call("listOtherData");
    return this.otherData;
  }

  async countPrivateEndpoints(): Promise<number> {
    this.call("countPrivateEndpoints");
    return this.privateEndpoints;
  }

  writes(): string[] {
    return this.calls.filter((call) => /^(set|create|delete|regenerate)/.test(call));
  }

  keyValue(keyName: KeyName): string {
    return this.keys[keyName];
  }

  /** Answers a read as the service would: by signature, policy, time, and the delay until a policy acts. */
  answer(resource: string, sas: string, policyDelayMs: number): TokenAnswer {
    const fields = new URLSearchParams(sas);
    if (resource === "Tables") return { status: 200, code: "" };
    const table = resource.replace(/\(\)$/, "");
    const policies = this.tables.get(this.nameOf(table) ?? "");
    if (policies === undefined) return { status: 404, code: "TableNotFound" };
    const [start, end] = (fields.get("sip") ?? "").split("-");
    const number = (text = "") => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const range = start === "" || start === undefined ? {}
      : { range: { first: number(start), last: number(end ?? start) } };
    const endpoint = `https://${this.account}.table.core.windows.net`;
    const policyId = fields.get("si") ?? "";
    const signed = Object.values(this.keys).some((key) =>
      mintTableSas(table, { account: this.account, endpoint, key, policyId, ...range }) === sas);
    const policy = policies.find(({ id }) => id === policyId);
    const acts = this.clock.now() - (this.writtenMs.get(table) ?? 0) >= policyDelayMs;
    const inTime = policy !== undefined && Date.parse(policy.startsOn ?? "") <= this.clock.now()
      && this.clock.now() < Date.parse(policy.expiresOn ?? "");
    const good = signed && acts && inTime && policy.permissions.includes("r");
    return good ? { status: 200, code: "" } : { status: 403, code: "AuthenticationFailed" };
  }
}

function newKey(serial: number): string {
  return Buffer.alloc(64, serial).toString("base64");
}

export interface World extends AccessPorts {
  readonly clock: VirtualClock;
  readonly accounts: Map<string, MemoryAccount>;
  readonly said: string[];
  /** How long a policy takes to act. */
  policyDelayMs: number;
  /** What the token is answered instead. */
  refuse: TokenAnswer | undefined;
}

export function newWorld(...accounts: readonly (readonly [string, readonly string[]])[]): World {
  const clock = new VirtualClock();
  const all = new Map(accounts.map(([name, tables]) => [name, new MemoryAccount(name, clock, tables)]));
  const said: string[] = [];
  const world: World = {
    clock,
    accounts: all,
    said,
    policyDelayMs: 0,
    refuse: undefined,
    random: () => 0.5,
    say: (line) => void said.push(line),
    open: (ref) => {
      const account = all.get(ref.account);
      if (account === undefined) throw new OperationalError({ code: "AccountNotFound", message: `no ${ref.account}` });
      return account;
    },
    tryToken: (endpoint, resource, token) => {
      if (typeof token !== "string") throw new Error("Nobody signs in to these accounts.");
      const account = all.get(new URL(endpoint).hostname.split(".")[0] ?? "");
      const answer = world.refuse ?? account?.answer(resource, token, world.policyDelayMs);
      return Promise.resolve(answer ?? { status: 404, code: "ResourceNotFound" });
    },
  };
  return world;
}

export function accountOf(world: World, name = CONTOSO.account): MemoryAccount {
  const account = world.accounts.get(name);
  if (account === undefined) throw new Error(`no account ${name}`);
  return account;
}

export function policy(id: string, permissions = "r"): AccessPolicy {
  return { id, permissions, startsOn: "2025-01-01T00:00:00.000Z", expiresOn: "2027-01-01T00:00:00.000Z" };
}
