import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openManagement } from "../../migration/access/management";
import type { RowKey } from "../../migration/engine/row";
import type { Store } from "../../migration/engine/store";
import { openAsOwner, putRow, removeRow, type SeedRow } from "../../local/demo/seed";
import { type Emulators, type OrganisationAccount, startEmulators } from "../../local/emulators";
import { callArm } from "../../local/providers/armClient";
import { configure, configureSecret, createWorkspace, openRunner, type StackRunner } from "../../local/stack";

export const TABLE = "Cities";

const PASSPHRASE = "e2e";

function idOf({ account, subscriptionId, resourceGroup }: OrganisationAccount): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  return `${group}/providers/Microsoft.Storage/storageAccounts/${account}`;
}

/** One stack with its emulators, and what the people of both organisations do meanwhile. */
export class ProgramWorld {
  private readonly stores: Store[] = [];

  private constructor(
    readonly folder: string,
    readonly emulators: Emulators,
    readonly runner: StackRunner,
    readonly printed: readonly string[],
    readonly source: Store,
  ) {
    this.stores.push(source);
  }

  static async open(
    engine: "local" | "pulumi",
    accounts?: readonly OrganisationAccount[],
  ): Promise<ProgramWorld> {
    const root = mkdtempSync(join(tmpdir(), "landbridge-program-"));
    const folder = createWorkspace(join(root, "project"));
    const file = join(root, "emulators.json");
    // The management client of this process finds the emulators there too.
    process.env["LANDBRIDGE_EMULATORS"] = file;
    const emulators = await startEmulators({
      folder: join(root, "emulators"), file, ...(accounts === undefined ? {} : { accounts }),
    });
    // Whoever runs the stack signs in as a process in Azure does, where Entra ID opens an account.
    Object.assign(process.env, emulators.signIn);
    try {
      const printed: string[] = [];
      const print = (line: string) => void printed.push(line);
      const options = { folder, stack: "dev", emulatorsFile: file, passphrase: PASSPHRASE, print };
      const runner = await openRunner(engine, options);
      return new ProgramWorld(folder, emulators, runner, printed, openAsOwner(emulators.source));
    } catch (error) {
      await emulators.stop();
      throw error;
    }
  }

  /** The destination with its owner's key of the moment. */
  destination(): Store {
    const store = openAsOwner(this.emulators.destination);
    this.stores.push(store);
    return store;
  }

  /** Another store whose life ends with the world. */
  keep(store: Store): Store {
    this.stores.push(store);
    return store;
  }

  async seed(rows: number): Promise<void> {
    await this.source.createTable(TABLE);
    for (let at = 0; at < rows; at += 1) await putRow(this.source, TABLE, rowAt(at));
  }

  put(store: Store, row: SeedRow): Promise<void> {
    return putRow(store, TABLE, row);
  }

  remove(store: Store, key: RowKey): Promise<void> {
    return removeRow(store, TABLE, key);
  }

  /** The last report of a copy. */
  copyReport(): unknown {
    const reports = join(this.folder, ".landbridge/reports");
    const last = readdirSync(reports).filter((name) => name.endsWith("-copy.json")).sort().at(-1);
    return JSON.parse(readFileSync(join(reports, String(last)), "utf8"));
  }

  /** Sets one setting of the migration. */
  configure(name: string, value: unknown): void {
    configure(this.folder, "dev", name, value);
  }

  /** Sets the stack's one secret. */
  configureSecret(key: string, value: string): void {
    configureSecret(this.folder, "dev", `landbridge:${key}`, value, PASSPHRASE);
  }

  /** Hands over a SAS of the source's: nothing that names who may manage it stays in the configuration. */
  handOver(sas: string): void {
    this.configureSecret("sourceSas", sas);
    this.configure("source", { account: this.emulators.source.account });
  }

  /** Somebody regenerates both keys of an account. */
  async rotateKeys({ account, subscriptionId, resourceGroup }: OrganisationAccount): Promise<void> {
    const management = openManagement({ kind: "emulator", account, subscriptionId, resourceGroup });
    await management.regenerateKey("key1");
    await management.regenerateKey("key2");
  }

  /** An organisation's policy: from now on the account takes no shared keys. */
  async forbidKeys(account: OrganisationAccount): Promise<void> {
    await callArm("PATCH", idOf(account), "2024-01-01", { properties: { allowSharedKeyAccess: false } });
  }

  /** An organisation lets an identity read an account's tables. */
  async letRead(account: OrganisationAccount, principalId: string): Promise<void> {
    const definition = "/providers/Microsoft.Authorization/roleDefinitions/76199698-9eea-4c19-bc75-cec21354c6b6";
    const roleDefinitionId = `/subscriptions/${account.subscriptionId}${definition}`;
    const path = `${idOf(account)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
    const properties = { principalId, principalType: "ServicePrincipal", roleDefinitionId };
    await callArm("PUT", path, "2022-04-01", { properties });
  }

  /** Every secret there is at this moment: keys, and the signatures of every token. */
  async secrets(): Promise<string[]> {
    const keys = [this.emulators.source, this.emulators.destination].flatMap((account) => account.keys() ?? []);
    const { sourceBundle, destinationBundle } = await this.runner.outputs();
    const tokens = [sourceBundle, destinationBundle].flatMap((bundle) =>
      [...String(bundle).matchAll(/[?&]sig=([^&"]+)/g)].map(([, signature]) => String(signature)),
    );
    return [...keys, ...tokens, ...tokens.map(decodeURIComponent)];
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
    await this.runner.close();
    await this.emulators.stop();
    for (const name of Object.keys(this.emulators.signIn)) delete process.env[name];
    rmSync(join(this.folder, ".."), { recursive: true, force: true });
  }
}

export function rowAt(at: number, extra = ""): SeedRow {
  const members = `"population":${at},"area@odata.type":"Edm.Double","area":${at}.0${extra}`;
  return { partitionKey: `country-${at % 3}`, rowKey: String(at).padStart(4, "0"), members };
}
