import type { AccountKeys } from "../tableService";
import type { CosmosService } from "../tableService";

/** A Cosmos DB account behind the API: a simulated service has its tables. */
export class EmulatedCosmosAccount {
  constructor(
    readonly name: string,
    readonly subscriptionId: string,
    private readonly service: CosmosService,
  ) {}

  get tableEndpoint(): string {
    return this.service.endpoint(this.name);
  }

  async setKeys(keys: AccountKeys): Promise<void> {
    await this.service.setKeys(this.name, keys);
  }

  listTables(): readonly string[] {
    return this.service.listTables(this.name);
  }

  createTable(table: string): void {
    this.service.createTable(this.name, table);
  }

  deleteTable(table: string): void {
    this.service.deleteTable(this.name, table);
  }
}
