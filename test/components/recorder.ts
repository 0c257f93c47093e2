import * as pulumi from "@pulumi/pulumi";

/** A registration, as the engine would see it: inputs and options, secrets still marked. */
export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN; empty for the root. */
  readonly parent: string;
  /** URN::id of the provider, as the SDK sends it; empty for the default one. */
  readonly provider: string;
  readonly custom: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  readonly dependencies: readonly string[];
  /** Input -> URNs of what it was made from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly string[];
}

export interface Recording {
  readonly resources: readonly Recorded[];
  readonly calls: readonly pulumi.runtime.MockCallArgs[];
  /** The one resource whose type ends with `type` (and whose name is `name`, where given). */
  one(type: string, name?: string): Recorded;
  all(type: string): readonly Recorded[];
  /** What components registered as their outputs, by URN. */
  readonly registered: ReadonlyMap<string, unknown>;
}

export interface Answers {
  /** Outputs besides the inputs, by type's end. */
  readonly outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Results of functions, by token. */
  readonly calls?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly preview?: boolean;
  readonly config?: Readonly<Record<string, string>>;
  readonly secretKeys?: readonly string[];
}

const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** True where the value, or anything in it, is marked as a secret and nothing of `text` stands outside of the mark. */
export function hidesInSecrets(value: unknown, text: string): boolean {
  return !JSON.stringify(value, (_key, item: unknown) => (isSecret(item) ? undefined : item))?.includes(text);
}

export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && SECRET_MARK in value;
}

/** The value inside of a secret's mark; anything else as it is. */
export function reveal(value: unknown): unknown {
  return isSecret(value) ? (value as { value: unknown }).value : value;
}

/** Outputs a provider would add; components use some of them. */
const OUTPUTS: NonNullable<Answers["outputs"]> = {
  "keyvault:Vault": { name: "landbridge1a2b3c4d", properties: { vaultUri: "https://landbridge1a2b3c4d.vault.test/" } },
  "keyvault:Secret": { properties: { secretUri: "https://landbridge1a2b3c4d.vault.test/secrets/x" } },
  "landbridge:KeyRotation": { fingerprint: "f1", recordedOn: "2026-01-01T00:00:00Z" },
  "landbridge:TableSas": {
    bundle: '{"version":1,"tables":{"Cities":"sig=TOPSECRET"}}',
    startsOn: "2026-01-01T00:00:00Z",
    expiresOn: "2026-01-31T00:00:00Z",
  },
  "landbridge:TableCopy": { runId: "run-1", summary: "copied", plan: { text: "3 rows pending" }, reportPath: "r.json" },
  "landbridge:HostRun": { runId: "20260101T000000-abcdef", credentials: '{"source":"sig=TOPSECRET"}' },
  "landbridge:TableVerification": {
    verdict: "equal",
    summary: "2 tables, equal",
    tableSummaries: [],
    reportPath: ".landbridge/reports/v.json",
    verifiedAt: "2026-01-01T00:00:00Z",
  },
};

const CALLS: NonNullable<Answers["calls"]> = {
  "azure-native:storage:getStorageAccount": {
    kind: "StorageV2",
    allowSharedKeyAccess: true,
    publicNetworkAccess: "Enabled",
  },
  "azure-native:authorization:getClientConfig": {
    clientId: "dddddddd-0000-4000-8000-000000000008",
    objectId: "dddddddd-0000-4000-8000-000000000009",
  },
};

function lookUp<T>(map: Readonly<Record<string, T>> | undefined, type: string): T | undefined {
  return Object.entries(map ?? {}).find(([end]) => type.endsWith(end))?.[1];
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getCustom(): boolean;
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { entries(): Iterable<[string, { getUrnsList(): string[] }]> };
  getAdditionalsecretoutputsList(): string[];
  getAliasurnsList(): string[];
  getAliasesList(): { toObject(): unknown }[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}

/** Runs index.ts as Pulumi's language host does, and gives its outputs. */
export async function runIndex<T>(): Promise<T> {
  return await jest.requireActual<() => Promise<T>>("../../index")();
}

/** Runs a program against mocks and hands back what it declared, once every registration is through. */
export async function record(program: () => unknown, answers: Answers = {}): Promise<Recording> {
  const requests: RegisterRequest[] = [];
  const calls: pulumi.runtime.MockCallArgs[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      const outputs = lookUp({ ...OUTPUTS, ...answers.outputs }, type);
      // As the real engine: during a preview, what a provider would compute is not there.
      return { id: `/ids/${name}`, state: { ...(inputs as object), ...(answers.preview === true ? {} : outputs) } };
    },
    call: (args) => {
      calls.push(args);
      const result = { ...CALLS, ...answers.calls }[args.token];
      if (result === undefined) throw new Error(`No answer for ${args.token}.`);
      return result;
    },
  };
  pulumi.runtime.setAllConfig({ ...answers.config }, [...(answers.secretKeys ?? [])]);
  await pulumi.runtime.setMocks(mocks, "landbridge", "dev", answers.preview ?? false);
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterRequest, done: unknown): Promise<void>;
    registerResourceOutputs(request: { getUrn(): string; getOutputs(): unknown }, done: unknown): void;
    newUrn(parent: string, type: string, name: string): string;
  };
  const [register, registerOutputs] = [monitor.registerResource, monitor.registerResourceOutputs];
  const registered = new Map<string, unknown>();
  monitor.registerResource = (request, done) => {
    requests.push(request);
    return register.call(monitor, request, done);
  };
  monitor.registerResourceOutputs = (request, done) => {
    registered.set(request.getUrn(), (request.getOutputs() as ReturnType<RegisterRequest["getObject"]>).toJavaScript());
    registerOutputs.call(monitor, request, done);
  };
  await program();
  const { waitForRPCs } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };
  await waitForRPCs();
  const resources = requests.map((request) => toRecorded(request, monitor.newUrn.bind(monitor)));
  return { resources, calls, registered, ...finders(resources) };
}

type NewUrn = (parent: string, type: string, name: string) => string;

function toRecorded(request: RegisterRequest, newUrn: NewUrn): Recorded {
  const aliases = request.getAliasesList().map((alias) => JSON.stringify(alias.toObject()));
  return {
    urn: newUrn(request.getParent(), request.getType(), request.getName()),
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    provider: request.getProvider(),
    custom: request.getCustom(),
    inputs: request.getObject().toJavaScript(),
    retainOnDelete: request.getRetainondelete(),
    protect: request.getProtect(),
    dependencies: request.getDependenciesList(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, value]) => [key, value.getUrnsList()]),
    ),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList(), ...aliases],
  };
}

function finders(resources: readonly Recorded[]): Pick<Recording, "one" | "all"> {
  const all = (type: string) => resources.filter((resource) => resource.type.endsWith(type));
  const one = (type: string, name?: string) => {
    const found = all(type).filter((resource) => name === undefined || resource.name === name);
    if (found.length !== 1 || found[0] === undefined) {
      const names = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n  ");
      throw new Error(`${found.length} resources ${type} ${name ?? ""} among:\n  ${names}`);
    }
    return found[0];
  };
  return { one, all };
}

/** The value of an output. Rejects where it failed, and where it is unknown. */
export async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  const inner = output as unknown as { promise(): Promise<T>; readonly isKnown: Promise<boolean> };
  const value = await inner.promise();
  if (!(await inner.isKnown)) throw new Error("The output is unknown.");
  return value;
}

/** Every resource as `type name < parent's name`, sorted. */
export function treeOf({ resources }: Recording): readonly string[] {
  const lines = resources.map(({ type, name, parent }) => {
    const above = resources.find(({ urn }) => urn === parent);
    return `${type.split(":").at(-1)} ${name} < ${above?.name ?? "-"}`;
  });
  return lines.sort();
}
