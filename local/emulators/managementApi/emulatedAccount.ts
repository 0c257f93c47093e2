import { AzureNamedKeyCredential, TableClient, TableServiceClient, type SignedIdentifier } from "@azure/data-tables";
import { BACKSTAGE } from "../dataCalls";
import type { Azurite } from "../azurite";
import type { AccountKeys } from "../tableService";

/** Plain HTTP: Azurite listens on loopback only. What is asked here is no call of the program. */
const OPTIONS = { allowInsecureConnection: true, userAgentOptions: { userAgentPrefix: BACKSTAGE } };

/** The account behind the API: Azurite serves its tables, this manages them as Azure's own back end would. */
export class EmulatedAccount {
  constructor(
    readonly name: string,
    readonly subscriptionId: string,
    private readonly azurite: Azurite,
    private keys: AccountKeys,
    /** What the world meets instead of Azurite itself. */
    private readonly front?: { readonly endpoint: string },
  ) {}

  get tableEndpoint(): string {
    return this.front?.endpoint ?? this.ownEndpoint;
  }

  /** Azurite itself: there keys always open the tables, as for Azure's own back end. */
  get ownEndpoint(): string {
    return this.azurite.endpoint(this.name);
  }

  /** From now on Azurite takes these keys, and no others. */
  async setKeys(keys: AccountKeys): Promise<void> {
    await this.azurite.setKeys(this.name, keys);
    this.keys = keys;
  }

  async listTables(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of this.#service().listTables()) if (name !== undefined) names.push(name);
    return names;
  }

  async tableExists(table: string): Promise<boolean> {
    const wanted = table.toLowerCase();
    return (await this.listTables()).some((name) => name.toLowerCase() === wanted);
  }

  /** Fine where it is there already. */
  async createTable(table: string): Promise<void> {
    await this.#service().createTable(table);
  }

  /** Fine where it is gone already. */
  async deleteTable(table: string): Promise<void> {
    await this.#service().deleteTable(table);
  }

  async getPolicies(table: string): Promise<readonly SignedIdentifier[]> {
    return await this.#table(table).getAccessPolicy();
  }

  async setPolicies(table: string, policies: readonly SignedIdentifier[]): Promise<void> {
    await this.#table(table).setAccessPolicy([...policies]);
  }

  #credential(): AzureNamedKeyCredential {
    return new AzureNamedKeyCredential(this.name, this.keys[0]);
  }

  #service(): TableServiceClient {
    return new TableServiceClient(this.ownEndpoint, this.#credential(), OPTIONS);
  }

  #table(table: string): TableClient {
    return new TableClient(this.ownEndpoint, table, this.#credential(), OPTIONS);
  }
}
