import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../migration/access/accountManagement";
import type { AccountRef } from "../migration/access/accountRef";
import type { MovePlan } from "../migration/engine/estimate/estimate";
import type { VerifyLevel } from "../migration/engine/settings";
import { formatIpv4, parseSasRange } from "../migration/access/ipRange";
import type { FenceSettings } from "./azure/fence";
import type { TableInput } from "../migration/resources/tableInput";
import { MOVED_KEYS } from "./config/costs";
import { toDestination, type DestinationConfiguration } from "./config/destination";
import { toFence } from "./config/fence";
import { toHost, type HostConfiguration } from "./config/host";
import { HOST_KEY, JUMP_KEY, plainKeyMistakes, type HostKeys } from "./config/hostSecrets";
import { ConfigurationError, looksLikeCredential, type Mistake } from "./config/mistakes";
import { toMovePlan } from "./config/movePlan";
import { PHASE_DEFAULTS, type PhaseSettings } from "./config/phase";
import { describeRenames, withRenames } from "./config/renames";
import { checkRules } from "./config/rules";
import { toSchedule, type ScheduleConfiguration } from "./config/schedule";
import * as schema from "./config/schema";
import { unknownKeyMessage } from "./config/tables";

export type { DestinationConfiguration } from "./config/destination";
export { ConfigurationError } from "./config/mistakes";

/** A source whose account we may manage. */
export interface ManagedSource {
  readonly kind: "managed";
  readonly account: AccountRef;
  readonly keyName: KeyName;
  /** Whether keys open it; absent: the account says. */
  readonly sharedKeyAccess?: boolean;
  /** Object id, in the source's tenant, of who copies, where no key does; absent: whoever deploys. */
  readonly principalId?: string;
}

/** A source whose account we may manage, or one whose owner handed over a SAS. */
export type SourceConfiguration = ManagedSource | { readonly kind: "handedOver"; readonly accountName: string };

/** The machines that read, copy and deploy. */
export interface EnvironmentConfiguration {
  readonly ipRanges: readonly string[];
  readonly subnetIds: readonly string[];
  /** One address or `from-to`; absent: the SAS are not bound to an address. */
  readonly sasIpRange?: string;
  readonly readerPrincipalId?: string;
  readonly readerPrincipalType: "ServicePrincipal" | "User" | "Group";
}

/** What a stack says, validated and deeply frozen. Holds no secret. */
export interface Configuration {
  readonly source: SourceConfiguration;
  readonly destination: DestinationConfiguration;
  readonly tables: "all" | readonly TableInput[];
  readonly environment: EnvironmentConfiguration;
  readonly sasLifetimeHours: number;
  readonly deletes: "report" | "propagate" | "accept";
  readonly conflicts: "refuse" | "overwrite";
  readonly verification: VerifyLevel;
  readonly sampleRows: number;
  readonly concurrency?: number;
  readonly temporaryAccess: "open" | "closed";
  readonly destroyDestination: boolean;
  readonly vault: boolean;
  /** Whether the credential bundles are (secret) outputs of the stack. */
  readonly credentialOutputs: boolean;
  readonly planSecondsMax: number;
  /** The price file's path, relative to the project; absent: what the copy, and throughput, cost is not known. */
  readonly prices?: string;
  /** What the copy's time and cost are reckoned with. */
  readonly movePlan: MovePlan;
  readonly reportFolder: string;
  readonly signingKey?: string;
  /** A move without downtime; absent: rows are copied, and that is all. */
  readonly phases?: PhaseSettings;
  /** How writers are shut out of the source once the phase is drained; absent: not at all. */
  readonly fence?: FenceSettings;
  /** Absent too once the phase is done. */
  readonly schedule?: ScheduleConfiguration;
  /** The host that copies and verifies; absent: whoever runs the stack does. */
  readonly host?: HostConfiguration;
  /** Property renames for people, a line a table; empty where there are none. */
  readonly renamesText: string;
}

const MIGRATION = "migration";
const SOURCE_SAS = "sourceSas";
const VERIFY_AGAIN = "verifyAgain";

/** How the two keys were written, as far as it matters here. */
export interface WrittenConfiguration {
  /** The structured object as it was parsed from JSON or YAML; undefined where it is not there. */
  readonly migration: unknown;
  /** True where Pulumi marks the structured object as a secret: something in it is under `secure:`. */
  readonly migrationIsSecret: boolean;
  readonly sourceSas: "absent" | "secret" | "plain";
  /** Keys that should have been secrets, and are not. */
  readonly plainKeys?: readonly string[];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

/** Credentials anywhere in the structured object: Pulumi would keep and show them in the clear. */
function findCredentials(value: unknown, path: readonly string[]): readonly Mistake[] {
  const message = "holds what looks like a credential. Take it out, since the object is kept in the clear";
  const remedy = `a source's SAS goes into pulumi config set --secret landbridge:${SOURCE_SAS}.`;
  if (typeof value === "string" && looksLikeCredential(value)) {
    return [{ path: path.join("."), message: `${message}; ${remedy}` }];
  }
  if (typeof value !== "object" || value === null) return [];
  if ("secure" in value) return [{ path: path.join("."), message: `has a \`secure:\` value inside; ${remedy}` }];
  return Object.entries(value).flatMap(([key, item]) => findCredentials(item, [...path, key]));
}

function fromIssue(issue: { code: string; path: PropertyKey[]; message: string; keys?: string[] }): readonly Mistake[] {
  const at = (path: readonly PropertyKey[]) => path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const known = schema.knownKeys(issue.path);
    return (issue.keys ?? []).map((key) => {
      const path = at([...issue.path, key]);
      return { path, message: MOVED_KEYS[path] ?? unknownKeyMessage(key, known) };
    });
  }
  const message = issue.code === "invalid_type" ? "is missing, or not a map of settings." : issue.message;
  return [{ path: at(issue.path), message }];
}

/** The same place may be found wanting twice; one sentence is enough. */
function firstOfEachPath(mistakes: readonly Mistake[]): readonly Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter(({ path }) => !seen.has(path) && seen.add(path));
}

function secretMistakes(written: WrittenConfiguration): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (written.migrationIsSecret) {
    const message = "has a secret inside, which cannot be kept apart from the rest of it. Take it out;";
    const remedy = `a source's SAS goes into pulumi config set --secret landbridge:${SOURCE_SAS}.`;
    mistakes.push({ path: `landbridge:${MIGRATION}`, message: `${message} ${remedy}` });
  }
  if (written.sourceSas === "plain") {
    const message = "is kept in the clear. Have its owner revoke it, then";
    const remedy = `pulumi config set --secret landbridge:${SOURCE_SAS} with a new one.`;
    mistakes.push({ path: `landbridge:${SOURCE_SAS}`, message: `${message} ${remedy}` });
  }
  return [...mistakes, ...plainKeyMistakes(written.plainKeys ?? [])];
}

function accountRef(cloud: "azure" | "emulator", side: schema.WrittenSide): AccountRef {
  const { tenantId, subscriptionId, resourceGroup, account } = side;
  return { kind: cloud, ...(tenantId === undefined ? {} : { tenantId }), subscriptionId, resourceGroup, account };
}

function toEnvironment(written: schema.WrittenMigration["environment"]): EnvironmentConfiguration {
  const { sasIpRange, ...rest } = written;
  const only = rest.ipRanges.length === 1 && rest.subnetIds.length === 0 ? rest.ipRanges[0] : undefined;
  const range = parseSasRange(sasIpRange ?? only ?? "any");
  if (range === undefined) return rest;
  const [first, last] = [formatIpv4(range.first), formatIpv4(range.last)];
  return { ...rest, sasIpRange: first === last ? first : `${first}-${last}` };
}

function managedSource(cloud: "azure" | "emulator", source: schema.WrittenMigration["source"]): ManagedSource {
  const account = accountRef(cloud, source as schema.WrittenSide);
  const { keyName, principalId, sharedKeyAccess } = source;
  return {
    kind: "managed",
    account,
    keyName,
    ...(sharedKeyAccess === undefined ? {} : { sharedKeyAccess }),
    ...(principalId === undefined ? {} : { principalId }),
  };
}

function toConfiguration(written: schema.WrittenMigration, handedOver: boolean): Configuration {
  const { cloud, source, destination, environment, renames, schedule, runOn, host, ...other } = written;
  const { phase, lateConflicts, quietMinutes, reconcileEveryHours, rowsPerSecond, ...more } = other;
  const { fence, fenceSharedAccount, ...rest } = more;
  const tables = withRenames(rest.tables, renames);
  const account = { ...accountRef(cloud, destination), tenantId: destination.tenantId };
  const to = toDestination(destination, account, tables, phase);
  return {
    ...rest,
    tables,
    // Done means that no access is left.
    temporaryAccess: phase === "done" ? "closed" : rest.temporaryAccess,
    ...(phase === undefined ? {} : {
      phases: {
        phase,
        lateConflicts: lateConflicts ?? PHASE_DEFAULTS.lateConflicts,
        quietMinutes: quietMinutes ?? PHASE_DEFAULTS.quietMinutes,
        reconcileEveryHours: reconcileEveryHours ?? PHASE_DEFAULTS.reconcileEveryHours,
      },
    }),
    ...toFence({ fence, fenceSharedAccount }),
    ...(schedule === undefined || phase === "done" ? {} : { schedule: toSchedule(schedule) }),
    ...(runOn === "host" && host !== undefined && { host: toHost(host, destination.location) }),
    renamesText: describeRenames(tables),
    source: handedOver
      ? { kind: "handedOver", accountName: source.account }
      : managedSource(cloud, source),
    destination: to,
    movePlan: toMovePlan(to, rowsPerSecond),
    environment: toEnvironment(environment),
  };
}

/**
 * Validates what a stack says. Throws `ConfigurationError` with every mistake at once, each with its path, the
 * offending value (never a secret) and the remedy.
 */
export function parseConfiguration(written: WrittenConfiguration): Configuration {
  const handedOver = written.sourceSas !== "absent";
  const parsed = schema.migration.safeParse(written.migration);
  const inside = [
    ...findCredentials(written.migration, []),
    ...(parsed.error?.issues ?? []).flatMap(fromIssue),
    ...checkRules(written.migration, { sourceSasGiven: handedOver }),
  ];
  // Which of its values is the secret one is not known here: none may be shown, so the other mistakes have to wait.
  if (written.migrationIsSecret) throw new ConfigurationError(secretMistakes(written));
  const full = (path: string) => {
    const shown = looksLikeCredential(path) ? "(a key not shown, since it looks like a secret)" : path;
    return [`landbridge:${MIGRATION}`, ...(path === "" ? [] : [shown])].join(".");
  };
  const mistakes = [
    ...secretMistakes(written),
    ...firstOfEachPath(inside).map(({ path, message }) => ({ path: full(path), message })),
  ];
  if (mistakes.length > 0 || !parsed.success) throw new ConfigurationError(mistakes);
  return deepFreeze(toConfiguration(parsed.data, handedOver));
}

/** Pulumi keeps this function out of its typings; the environment it reads is the language host's contract. */
function isConfigSecret(key: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(key);
}

/** A stack's configuration together with the SAS that the source's owner handed over, where there is one. */
export interface StackConfiguration extends Omit<Configuration, "source"> {
  /** Any new text asks for the proof once more: what a schedule sets for one `up`. */
  readonly verifyAgain?: string;
  readonly source:
    | Extract<SourceConfiguration, { kind: "managed" }>
    | (Extract<SourceConfiguration, { kind: "handedOver" }> & { readonly credential: pulumi.Output<string> });
  readonly hostKeys: HostKeys;
}

function readHostKeys(stack: pulumi.Config): HostKeys {
  const [host, jump] = [stack.getSecret(HOST_KEY), stack.getSecret(JUMP_KEY)];
  return { ...(host !== undefined && { host }), ...(jump !== undefined && { jump }) };
}

/** Reads and validates the configuration of the stack that is running. Throws as `parseConfiguration` does. */
export function readConfiguration(): StackConfiguration {
  const stack = new pulumi.Config("landbridge");
  const plain = stack.get(SOURCE_SAS) !== undefined && !isConfigSecret(`landbridge:${SOURCE_SAS}`);
  const sourceSas = stack.getSecret(SOURCE_SAS);
  const verifyAgain = stack.get(VERIFY_AGAIN);
  const parsed = parseConfiguration({
    migration: stack.getObject<unknown>(MIGRATION),
    migrationIsSecret: isConfigSecret(`landbridge:${MIGRATION}`),
    sourceSas: sourceSas === undefined ? "absent" : plain ? "plain" : "secret",
    plainKeys: [HOST_KEY, JUMP_KEY].filter((key) => stack.get(key) !== undefined
      && !isConfigSecret(`landbridge:${key}`)),
  });
  const configuration = { ...parsed, ...(verifyAgain === undefined ? {} : { verifyAgain }) };
  const { source } = configuration;
  const hostKeys = readHostKeys(stack);
  if (source.kind === "managed") return Object.freeze({ ...configuration, source, hostKeys });
  if (sourceSas === undefined) throw new Error("A source is handed over only where there is a SAS.");
  return Object.freeze({ ...configuration, source: Object.freeze({ ...source, credential: sourceSas }), hostKeys });
}
