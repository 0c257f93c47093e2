import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { startAzurite, type Azurite } from "./azurite";
import { storageGate } from "./storageGate";
import { startCosmosSide, type CosmosSide } from "./cosmosSide";
import { readDataCalls, type DataCall } from "./dataCalls";
import type { EntraGate } from "./entraGate";
import { startIdentityService, type IdentityService } from "./identityService";
import { EmulatedAccount } from "./managementApi/emulatedAccount";
import { newKey } from "./managementApi/kinds/storageAccount";
import { principalOfClient } from "./managementApi/kinds/userAssignedIdentity";
import { startManagementApi, type ManagementApi, type RecordedCall } from "./managementApi/server";
import { ManagementState, type ArmResource } from "./managementApi/state";
import { CONTOSO, FABRIKAM, type OrganisationAccount } from "./organisations";
import type { AccountKeys, StartCosmos } from "./tableService";

export { CONTOSO, FABRIKAM, FABRIKAM_COSMOS, type OrganisationAccount } from "./organisations";
export type { DataCall } from "./dataCalls";
export type { CosmosService, CosmosServiceOptions, StartCosmos } from "./tableService";
export type { RecordedCall } from "./managementApi/server";

export interface EmulatorOptions {
  /** Data, keys and what the management API remembers; made if absent, found again after a restart. */
  readonly folder: string;
  /** Who plays; by default Contoso, whose account exists, and Fabrikam, whose account does not yet. */
  readonly accounts?: readonly OrganisationAccount[];
  /** Where programs find the emulators; by default LANDBRIDGE_EMULATORS, else `emulators.json` in the folder. */
  readonly file?: string;
  /** Starts what plays Cosmos DB; needed where one of the accounts is such a one. */
  readonly startCosmos?: StartCosmos;
}

export interface RunningAccount extends OrganisationAccount {
  readonly tableEndpoint: string;
  /** Where keys open it, whatever the account says of them: for seeding and looking in. */
  readonly ownEndpoint: string;
  /** The keys of this moment; an account that gets provisioned gets new ones. */
  keys(): AccountKeys | undefined;
  /** For seeding and looking in, with key1 of this moment: never print it. */
  connectionString(): string;
}

export interface Emulators {
  /** The file that says where they are: `{management, certificate, accounts: {name: {tableEndpoint}}}`. */
  readonly file: string;
  readonly management: string;
  readonly source: RunningAccount;
  readonly destination: RunningAccount;
  readonly accounts: ReadonlyMap<string, RunningAccount>;
  /** Management calls since the start. */
  calls(): readonly RecordedCall[];
  /** Requests to the tables since the start. */
  dataCalls(): readonly DataCall[];
  /** A resource as the management API shows it; undefined where there is none. */
  resource(id: string): ArmResource | undefined;
  /** Resources of a type, such as `Microsoft.App/jobs`. */
  resources(type: string): readonly ArmResource[];
  /** The value of a vault's secret. Secret. */
  secretValue(id: string): string | undefined;
  /** What a process needs to sign in with Azure's SDK; empty where Entra ID opens no account. Secret. */
  readonly signIn: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Ports {
  readonly management?: number;
  readonly accounts?: Readonly<Record<string, number>>;
}

/** The ports of last time, so that endpoints in a user's shell stay right; a port that is taken is given up. */
function readPorts(file: string): Ports {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Ports;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return {};
    throw error;
  }
}

function portOf(endpoint: string): number {
  return Number(new URL(endpoint).port);
}

async function onPort<T>(port: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (port === undefined) return await start(0);
  try {
    return await start(port);
  } catch (error) {
    if (!String(error).includes("EADDRINUSE")) throw error;
    return await start(0);
  }
}

function provision(state: ManagementState, player: OrganisationAccount): void {
  const group = `/subscriptions/${player.subscriptionId}/resourceGroups/${player.resourceGroup}`;
  const id = `${group}/providers/Microsoft.Storage/storageAccounts/${player.account}`;
  if (!player.exists || state.get(id) !== undefined) return;
  const { location } = player;
  const type = "Microsoft.Resources/resourceGroups";
  state.put({ id: group, name: player.resourceGroup, type, location, properties: { provisioningState: "Succeeded" } });
  state.put({
    id,
    name: player.account,
    type: "Microsoft.Storage/storageAccounts",
    location,
    kind: "StorageV2",
    sku: { name: "Standard_LRS", tier: "Standard" },
    tags: {},
    properties: {
      allowBlobPublicAccess: false,
      ...(player.sharedKeys === undefined ? {} : { allowSharedKeyAccess: player.sharedKeys }),
      minimumTlsVersion: "TLS1_2",
      supportsHttpsTrafficOnly: true,
      provisioningState: "Succeeded",
      creationTime: new Date().toISOString(),
      primaryLocation: location,
      statusOfPrimary: "available",
    },
  });
}

function keysFor(state: ManagementState, account: string): AccountKeys {
  const stored = state.keysOf(account);
  if (stored !== undefined) return stored.keys;
  const now = new Date().toISOString();
  const keys: AccountKeys = [newKey(), newKey()];
  state.putKeys(account, { keys, createdOn: [now, now] });
  return keys;
}

type Played = Pick<EmulatedAccount, "name" | "tableEndpoint"> & Partial<Pick<EmulatedAccount, "ownEndpoint">>;

function connectionString(account: Played, state: ManagementState): string {
  const [key1] = keysFor(state, account.name);
  return `DefaultEndpointsProtocol=http;AccountName=${account.name};AccountKey=${key1};`
    + `TableEndpoint=${account.ownEndpoint ?? account.tableEndpoint};`;
}

function running(player: OrganisationAccount, account: Played, state: ManagementState): RunningAccount {
  return {
    ...player,
    tableEndpoint: account.tableEndpoint,
    ownEndpoint: account.ownEndpoint ?? account.tableEndpoint,
    keys: () => state.keysOf(account.name)?.keys,
    connectionString: () => connectionString(account, state),
  };
}

function writeWhereabouts(file: string, api: ManagementApi, accounts: readonly Played[]): void {
  const content = {
    management: api.endpoint,
    certificate: api.certificate,
    accounts: Object.fromEntries(accounts.map(({ name, tableEndpoint }) => [name, { tableEndpoint }])),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** Something to sign in at, where Entra ID opens one of the accounts. */
async function identityFor(
  players: readonly OrganisationAccount[],
  state: ManagementState,
): Promise<IdentityService | undefined> {
  if (!players.some(({ service, sharedKeys }) => service === "cosmos" || sharedKeys !== undefined)) return undefined;
  return await startIdentityService((clientId) => principalOfClient(state, clientId));
}

/**
 * Starts two organisations on this machine: a table service each, and the management API that both are reached by.
 * All on loopback and free ports. Everything that was started is stopped when a part of it cannot start.
 */
export async function startEmulators(options: EmulatorOptions): Promise<Emulators> {
  const folder = resolve(options.folder);
  const file = resolve(options.file ?? process.env.LANDBRIDGE_EMULATORS ?? join(folder, "emulators.json"));
  const players = options.accounts ?? [CONTOSO, FABRIKAM];
  const state = new ManagementState(join(folder, "management.json"));
  const portsFile = join(folder, "ports.json");
  const ports = readPorts(portsFile);
  const callsFile = join(folder, "calls.jsonl");
  const dataCallsFile = join(folder, "dataCalls.jsonl");
  const services: (Azurite | CosmosSide | EntraGate | IdentityService)[] = [];
  const stopServices = async (): Promise<void> => void (await Promise.all(services.map((service) => service.stop())));
  try {
    for (const file of [callsFile, dataCallsFile]) rmSync(file, { force: true });
    const inCosmos = players.filter(({ service }) => service === "cosmos");
    const identity = await identityFor(players, state);
    if (identity !== undefined) services.push(identity);
    const keysOf = (name: string) => keysFor(state, name);
    const around = { state, keysOf, identity, callsFile: dataCallsFile };
    const cosmos = await startCosmosSide(inCosmos, { ...around, start: options.startCosmos });
    services.push(cosmos);
    const starting = players.filter((player) => !inCosmos.includes(player)).map(async (player) => {
      provision(state, player);
      const keys = keysFor(state, player.account);
      const accounts = [{ name: player.account, keys }];
      const azurite = await onPort(ports.accounts?.[player.account], (port) =>
        startAzurite({ accounts, folder: join(folder, player.account), port, callsFile: dataCallsFile }));
      services.push(azurite);
      const gate = await storageGate(player, { ...around, azurite });
      if (gate !== undefined) services.push(gate);
      return new EmulatedAccount(player.account, player.subscriptionId, azurite, keys, gate);
    });
    // All settle before the first failure is thrown: what did start is known, and can be stopped.
    await Promise.allSettled(starting);
    const accounts = await Promise.all(starting);
    const onCall = (call: RecordedCall): void => appendFileSync(callsFile, `${JSON.stringify(call)}\n`);
    const api = await onPort(ports.management, (port) =>
      startManagementApi({ state, accounts, cosmos: cosmos.accounts, port, onCall }));
    const accountPorts = accounts.map(({ name, ownEndpoint }) => [name, portOf(ownEndpoint)] as const);
    const used: Ports = { management: portOf(api.endpoint), accounts: Object.fromEntries(accountPorts) };
    writeFileSync(portsFile, JSON.stringify(used));
    const played: readonly Played[] = [...accounts, ...cosmos.accounts];
    writeWhereabouts(file, api, played);
    const playing = new Map(players.flatMap((player) => played
      .filter(({ name }) => name === player.account)
      .map((account) => [player.account, running(player, account, state)] as const)));
    const [source, destination] = [...playing.values()];
    if (source === undefined || destination === undefined) throw new Error("Emulators need two accounts or more.");
    return {
      file,
      management: api.endpoint,
      source,
      destination,
      accounts: playing,
      calls: () => api.calls(),
      dataCalls: () => readDataCalls(dataCallsFile),
      resource: (id) => state.get(id),
      resources: (type) => state.all().filter((resource) => resource.type === type),
      secretValue: (id) => state.secretValue(id),
      signIn: identity?.environment ?? {},
      stop: async () => {
        await Promise.all([api.stop(), stopServices()]);
        // Whoever still finds the file would wait for servers that are gone.
        rmSync(file, { force: true });
      },
    };
  } catch (error) {
    await stopServices();
    throw error;
  }
}
