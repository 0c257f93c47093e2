import type { StorageAccount, StorageManagementClient, TableSignedIdentifier } from "@azure/arm-storage";
import { OperationalError } from "../engine/errors";
import type { AccessPolicy, AccountKey, AccountManagement, KeyName, NetworkRules } from "./accountManagement";
import { describeAccount, type AccountRef } from "./accountRef";
import { codeOf, managementError, statusOf } from "./managementError";
import { fromArmRules, toArmRules } from "./armNetworkRules";

const RIGHT = "Microsoft.Storage/storageAccounts";
const TABLES = `${RIGHT}/tableServices/tables`;

function toPolicy(identifier: TableSignedIdentifier): AccessPolicy {
  const policy = identifier.accessPolicy;
  return {
    id: identifier.id,
    ...(policy?.startTime === undefined ? {} : { startsOn: policy.startTime.toISOString() }),
    ...(policy?.expiryTime === undefined ? {} : { expiresOn: policy.expiryTime.toISOString() }),
    permissions: policy?.permission ?? "",
  };
}

function toIdentifier(policy: AccessPolicy): TableSignedIdentifier {
  return {
    id: policy.id,
    accessPolicy: {
      ...(policy.startsOn === undefined ? {} : { startTime: new Date(policy.startsOn) }),
      ...(policy.expiresOn === undefined ? {} : { expiryTime: new Date(policy.expiresOn) }),
      permission: policy.permissions,
    },
  };
}

/** Of Azure's SDK, what is used. */
type StorageClient = Pick<
  StorageManagementClient, "storageAccounts" | "tableOperations" | "blobContainers" | "queue" | "fileShares"
>;

/** A storage account managed through Azure Resource Manager, or through the stand-in that speaks the same. */
export class ArmAccount implements AccountManagement {
  readonly name: string;
  readonly account: string;

  constructor(
    /** Opened with the first request. */
    private readonly client: () => Promise<StorageClient>,
    private readonly ref: AccountRef,
    /** An emulated account's endpoint is known beforehand. */
    private readonly endpoint: string | undefined,
  ) {
    this.name = describeAccount(ref);
    this.account = ref.account;
  }

  private async ask<T>(
    verb: string,
    right: string,
    request: (client: StorageClient) => Promise<T>,
  ): Promise<T> {
    try {
      return await request(await this.client());
    } catch (error) {
      throw managementError(error, { doing: `${verb} ${this.name}`, right });
    }
  }

  private properties(): Promise<StorageAccount> {
    const { resourceGroup, account } = this.ref;
    return this.ask("read the settings of", `${RIGHT}/read`, ({ storageAccounts }) =>
      storageAccounts.getProperties(resourceGroup, account));
  }

  async listKeys(): Promise<readonly AccountKey[]> {
    const { resourceGroup, account } = this.ref;
    const result = await this.ask("list the keys of", `${RIGHT}/listKeys/action`, ({ storageAccounts }) =>
      storageAccounts.listKeys(resourceGroup, account));
    return (result.keys ?? []).flatMap(({ keyName, value }) =>
      (keyName === "key1" || keyName === "key2") && value !== undefined ? [{ keyName, value }] : []);
  }

  async regenerateKey(keyName: KeyName): Promise<void> {
    const { resourceGroup, account } = this.ref;
    await this.ask(`regenerate ${keyName} of`, `${RIGHT}/regeneratekey/action`, ({ storageAccounts }) =>
      storageAccounts.regenerateKey(resourceGroup, account, { keyName }));
  }

  async getNetworkRules(): Promise<NetworkRules> {
    return fromArmRules((await this.properties()).networkRuleSet);
  }

  async setNetworkRules(rules: NetworkRules): Promise<void> {
    const { resourceGroup, account } = this.ref;
    const parameters = { networkRuleSet: toArmRules(rules) };
    await this.ask("change the network rules of", `${RIGHT}/write`, ({ storageAccounts }) =>
      storageAccounts.update(resourceGroup, account, parameters));
  }

  async listTables(): Promise<readonly string[]> {
    const { resourceGroup, account } = this.ref;
    return this.ask("list the tables of", `${TABLES}/read`, async (client) => {
      const names: string[] = [];
      for await (const table of client.tableOperations.list(resourceGroup, account)) {
        const name = table.tableName ?? table.name;
        if (name !== undefined && !name.startsWith("$")) names.push(name);
      }
      return names;
    });
  }

  async createTable(table: string): Promise<"created" | "existed"> {
    if ((await this.getPolicies(table)) !== undefined) return "existed";
    const { resourceGroup, account } = this.ref;
    return this.ask(`create table ${table} in`, `${TABLES}/write`, async (client) => {
      try {
        await client.tableOperations.create(resourceGroup, account, table);
        return "created";
      } catch (error) {
        if (codeOf(error) === "TableAlreadyExists") return "existed";
        throw error;
      }
    });
  }

  async deleteTable(table: string): Promise<void> {
    const { resourceGroup, account } = this.ref;
    await this.ask(`delete table ${table} of`, `${TABLES}/delete`, async (client) => {
      try {
        await client.tableOperations.delete(resourceGroup, account, table);
      } catch (error) {
        if (!isTableMissing(error)) throw error;
      }
    });
  }

  async getPolicies(table: string): Promise<readonly AccessPolicy[] | undefined> {
    const { resourceGroup, account } = this.ref;
    return this.ask(`read the access policies of table ${table} in`, `${TABLES}/read`, async (client) => {
      try {
        const found = await client.tableOperations.get(resourceGroup, account, table);
        return (found.signedIdentifiers ?? []).map(toPolicy);
      } catch (error) {
        if (isTableMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async setPolicies(table: string, policies: readonly AccessPolicy[]): Promise<void> {
    const { resourceGroup, account } = this.ref;
    const parameters = { signedIdentifiers: policies.map(toIdentifier) };
    await this.ask(`set the access policies of table ${table} in`, `${TABLES}/write`, ({ tableOperations }) =>
      tableOperations.update(resourceGroup, account, table, { parameters }));
  }

  async tableEndpoint(): Promise<string> {
    const endpoint = this.endpoint ?? (await this.properties()).primaryEndpoints?.table;
    if (endpoint !== undefined) return endpoint.replace(/\/+$/, "");
    const message = `${this.name} has no table endpoint: its kind does not offer tables. Use a StorageV2 account.`;
    throw new OperationalError({ code: "NoTableEndpoint", message });
  }

  async publicNetworkAccess(): Promise<"Enabled" | "Disabled" | "SecuredByPerimeter"> {
    const access = (await this.properties()).publicNetworkAccess ?? "Enabled";
    return access === "Disabled" || access === "SecuredByPerimeter" ? access : "Enabled";
  }

  async allowSharedKeyAccess(): Promise<boolean> {
    return (await this.properties()).allowSharedKeyAccess ?? true;
  }

  async listOtherData(): Promise<readonly string[]> {
    const { resourceGroup, account } = this.ref;
    const kinds = [
      ["blob container", "blobServices/containers", "blobContainers"],
      ["queue", "queueServices/queues", "queue"],
      ["file share", "fileServices/shares", "fileShares"],
    ] as const;
    const found: string[] = [];
    for (const [what, right, kind] of kinds) {
      const names = await this.ask(`list the ${what}s of`, `${RIGHT}/${right}/read`, (client) =>
        namesIn(client[kind].list(resourceGroup, account)));
      found.push(...names.map((name) => `${what} ${name}`));
    }
    return found;
  }

  async countPrivateEndpoints(): Promise<number> {
    const { privateEndpointConnections = [] } = await this.properties();
    return privateEndpointConnections
      .filter(({ privateLinkServiceConnectionState: state }) => state?.status === "Approved").length;
  }
}

/** Names in one of the account's services, without the service's own; none where the account has no such service. */
async function namesIn(list: AsyncIterable<{ readonly name?: string }>): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of list) if (name !== undefined && !name.startsWith("$")) names.push(name);
  } catch (error) {
    if (codeOf(error) !== "FeatureNotSupportedForAccount") throw error;
  }
  return names;
}

/** A missing table is told apart from a missing account, group or subscription: those have codes of their own. */
function isTableMissing(error: unknown): boolean {
  if (statusOf(error) !== 404) return false;
  return !["ResourceGroupNotFound", "SubscriptionNotFound", "ParentResourceNotFound"].includes(codeOf(error))
    && !isAccountMissing(error);
}

/** ResourceNotFound names what is missing: `The Resource 'Microsoft.Storage/storageAccounts/contoso' under ...`. */
function isAccountMissing(error: unknown): boolean {
  const message = error instanceof Error ? error.message : "";
  return codeOf(error) === "ResourceNotFound" && /storageAccounts\/[a-z0-9]+'/i.test(message);
}
