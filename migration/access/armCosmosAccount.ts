import { z } from "zod";
import type { Clock } from "../engine/clock";
import { OperationalError } from "../engine/errors";
import type { AccessPolicy, AccountKey, AccountManagement, KeyName, NetworkRules } from "./accountManagement";
import { describeAccount, type AccountRef } from "./accountRef";
import type { ArmRest } from "./armRest";
import { managementError } from "./managementError";
import { tableDomain } from "./tableDomain";

const RIGHT = "Microsoft.DocumentDB/databaseAccounts";
const API_VERSION = "2024-11-15";

/** Changes to an account are carried out one at a time, and in all of its regions: minutes, not seconds. */
const CHANGE_MS_MAX = 30 * 60_000;
const CHANGE_PAUSE_MS = 5_000;

const settingsSchema = z.object({
  properties: z.object({
    provisioningState: z.string().optional(),
    publicNetworkAccess: z.string().optional(),
    isVirtualNetworkFilterEnabled: z.boolean().optional(),
    ipRules: z.array(z.object({ ipAddressOrRange: z.string() })).nullish(),
    virtualNetworkRules: z.array(z.object({ id: z.string() })).nullish(),
    privateEndpointConnections: z.array(z.unknown()).nullish(),
  }),
});
type Settings = z.infer<typeof settingsSchema>["properties"];

const keysSchema = z.object({ primaryMasterKey: z.string(), secondaryMasterKey: z.string() });
const tablesSchema = z.object({ value: z.array(z.object({ name: z.string() })) });

/** Cosmos DB's names of the two keys that open everything. */
const KEY_KINDS: Readonly<Record<KeyName, string>> = { key1: "primary", key2: "secondary" };

/** Without trailing slash. */
export function cosmosEndpoint(account: string): string {
  return `https://${account}.${tableDomain("cosmos")}`;
}

/**
 * A Cosmos DB account for tables, managed through Azure Resource Manager. Where Cosmos DB knows no such thing (stored
 * access policies, SAS), it says so: `NotOnCosmos`.
 */
export class ArmCosmosAccount implements AccountManagement {
  readonly name: string;
  readonly account: string;
  private readonly path: string;

  /** `emulated`: where the stand-in on this machine has the account's tables. */
  constructor(
    private readonly arm: ArmRest,
    ref: AccountRef,
    private readonly clock: Pick<Clock, "now" | "sleep">,
    private readonly emulated?: string,
  ) {
    this.name = describeAccount(ref);
    this.account = ref.account;
    const group = `/subscriptions/${ref.subscriptionId}/resourceGroups/${ref.resourceGroup}`;
    this.path = `${group}/providers/${RIGHT}/${ref.account}`;
  }

  private async ask(verb: string, right: string, method: "GET" | "POST" | "PATCH", below: string, body?: object) {
    try {
      return await this.arm.call(method, `${this.path}${below}`, API_VERSION, body);
    } catch (error) {
      throw managementError(error, { doing: `${verb} ${this.name}`, right: `${RIGHT}/${right}` });
    }
  }

  private async settings(): Promise<Settings> {
    return settingsSchema.parse(await this.ask("read the settings of", "read", "GET", "")).properties;
  }

  /** Another change is refused until the one before is through. Throws `AccountBusy`. */
  private async untilSettled(): Promise<Settings> {
    const untilMs = this.clock.now() + CHANGE_MS_MAX;
    for (;;) {
      const settings = await this.settings();
      const { provisioningState: state = "Succeeded" } = settings;
      if (state === "Succeeded") return settings;
      if (this.clock.now() >= untilMs) {
        const message = `${this.name} is still ${state} after ${CHANGE_MS_MAX / 60_000} minutes. Look at it `
          + "in the portal, and try again when it has succeeded.";
        throw new OperationalError({ code: "AccountBusy", message, retryable: true });
      }
      await this.clock.sleep(CHANGE_PAUSE_MS);
    }
  }

  async listKeys(): Promise<readonly AccountKey[]> {
    const answer = await this.ask("list the keys of", "listKeys/action", "POST", "/listKeys");
    const { primaryMasterKey, secondaryMasterKey } = keysSchema.parse(answer);
    return [{ keyName: "key1", value: primaryMasterKey }, { keyName: "key2", value: secondaryMasterKey }];
  }

  async regenerateKey(keyName: KeyName): Promise<void> {
    const body = { keyKind: KEY_KINDS[keyName] };
    await this.ask(`regenerate ${keyName} of`, "regenerateKey/action", "POST", "/regenerateKey", body);
    await this.untilSettled();
  }

  /** Without a filter and without rules everybody is let in; with either, only who is named. */
  async getNetworkRules(): Promise<NetworkRules> {
    const { ipRules, virtualNetworkRules, isVirtualNetworkFilterEnabled } = await this.untilSettled();
    const closed = isVirtualNetworkFilterEnabled === true || (ipRules ?? []).length > 0;
    return {
      defaultAction: closed ? "Deny" : "Allow",
      ipRules: (ipRules ?? []).map(({ ipAddressOrRange: value }) => ({ value })),
      subnetRules: (virtualNetworkRules ?? []).map(({ id: subnetId }) => ({ subnetId })),
    };
  }

  async setNetworkRules(rules: NetworkRules): Promise<void> {
    if ((rules.ipv6Rules ?? []).length > 0) throw this.notThere("rules for IPv6");
    const properties = {
      ipRules: (rules.ipRules ?? []).map(({ value: ipAddressOrRange }) => ({ ipAddressOrRange })),
      // Once the last rule goes, the filter alone keeps the account shut.
      isVirtualNetworkFilterEnabled: rules.defaultAction === "Deny",
      virtualNetworkRules: (rules.subnetRules ?? []).map(({ subnetId: id }) => ({ id })),
    };
    await this.ask("change the network rules of", "write", "PATCH", "", { properties });
    await this.untilSettled();
  }

  async listTables(): Promise<readonly string[]> {
    const answer = await this.ask("list the tables of", "tables/read", "GET", "/tables");
    return tablesSchema.parse(answer).value.map(({ name }) => name);
  }

  createTable(): Promise<"created" | "existed"> {
    return Promise.reject(this.notThere("tables made through here: CosmosDestination, or the copy itself, makes them"));
  }

  deleteTable(): Promise<void> {
    return Promise.reject(this.notThere("tables deleted through here"));
  }

  /** There are none, so there are none to take back. */
  getPolicies(): Promise<readonly AccessPolicy[] | undefined> {
    return Promise.resolve(undefined);
  }

  setPolicies(): Promise<void> {
    return Promise.reject(this.notThere("stored access policies"));
  }

  tableEndpoint(): Promise<string> {
    return Promise.resolve(this.emulated ?? cosmosEndpoint(this.account));
  }

  async publicNetworkAccess(): Promise<"Enabled" | "Disabled" | "SecuredByPerimeter"> {
    const { publicNetworkAccess: access = "Enabled" } = await this.settings();
    return access === "Disabled" || access === "SecuredByPerimeter" ? access : "Enabled";
  }

  /** Whether a SAS that a key signed would be taken: Cosmos DB for Table takes keys, and no SAS. */
  allowSharedKeyAccess(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** It holds tables alone. */
  listOtherData(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async countPrivateEndpoints(): Promise<number> {
    return ((await this.settings()).privateEndpointConnections ?? []).length;
  }

  private notThere(what: string): OperationalError {
    const message = `${this.name} is a Cosmos DB account, which has no ${what}. Use Entra ID or an account key.`;
    return new OperationalError({ code: "NotOnCosmos", message });
  }
}
