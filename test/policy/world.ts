import type {
  PolicyResource, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy,
} from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";

import { POLICIES } from "../../policy/policies";
import { record, reveal, runIndex, valueOf, type Answers, type Recorded } from "../components/recorder";
import { part, written, type Written } from "../components/written";

type Properties = Record<string, unknown>;

/** A resource as Pulumi hands it to a policy: secrets in the clear. */
export interface Subject {
  readonly type: string;
  readonly name?: string;
  readonly props: Properties;
  readonly protect?: boolean;
  /** For this test's eyes: Pulumi does not hand it to a policy. */
  readonly retainOnDelete?: boolean;
  readonly parent?: Subject;
  /** Property -> what it waits for. */
  readonly waitsFor?: Readonly<Record<string, readonly Subject[]>>;
}

type Config = Readonly<Record<string, unknown>>;

function policyNamed(name: string): ResourceValidationPolicy | StackValidationPolicy {
  const found = POLICIES.find((policy) => policy.name === name);
  if (found === undefined) throw new Error(`There is no policy ${name}.`);
  return found;
}

/** Each subject once, however often it is pointed at. */
function asResources(subjects: readonly Subject[]): readonly PolicyResource[] {
  const made = new Map<Subject, PolicyResource>();
  const make = (subject: Subject): PolicyResource => {
    const known = made.get(subject);
    if (known !== undefined) return known;
    const { type, name = "one", props, protect = false } = subject;
    const opts = { protect, ignoreChanges: [], aliases: [], additionalSecretOutputs: [] };
    const propertyDependencies: Record<string, PolicyResource[]> = {};
    const resource = { type, name, props, opts, urn: `urn:${name}`, dependencies: [], propertyDependencies };
    const result = resource as unknown as PolicyResource;
    made.set(subject, result);
    if (subject.parent !== undefined) result.parent = make(subject.parent);
    for (const [key, waited] of Object.entries(subject.waitsFor ?? {})) propertyDependencies[key] = waited.map(make);
    return result;
  };
  return subjects.map(make);
}

/** What a policy has to say, as `name of the resource: message`. */
export async function violations(policy: string, subjects: readonly Subject[], config: Config = {}): Promise<string[]> {
  const found: string[] = [];
  const chosen = policyNamed(policy);
  const getConfig = () => config;
  const resources = asResources(subjects);
  const nameOf = (urn: string | undefined) => resources.find((each) => each.urn === urn)?.name ?? "?";
  if ("validateStack" in chosen) {
    const report: ReportViolation = (message, urn) => void found.push(`${nameOf(urn)}: ${message}`);
    const args = { resources, getConfig } as unknown as Parameters<typeof chosen.validateStack>[0];
    await chosen.validateStack(args, report);
    return found;
  }
  const validate = chosen.validateResource;
  if (typeof validate !== "function") throw new Error(`${policy} validates nothing.`);
  for (const resource of resources) {
    const report: ReportViolation = (message) => void found.push(`${resource.name}: ${message}`);
    await validate({ ...resource, getConfig } as unknown as ResourceValidationArgs, report);
  }
  return found;
}

function revealAll(value: unknown): unknown {
  const inner = reveal(value);
  if (Array.isArray(inner)) return inner.map(revealAll);
  if (typeof inner !== "object" || inner === null) return inner;
  return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, revealAll(item)]));
}

/** What index.ts declares with a configuration, and its outputs as the root's properties. */
export async function declared(changes: Written, destination: Written = {}, answers: Answers = {}): Promise<Subject[]> {
  const { destination: side } = part("destination", destination);
  const migration = { ...written(), destination: side, ...changes };
  let outputs: Readonly<Record<string, unknown>> = {};
  const load = async () => void (outputs = await runIndex());
  const config = { "landbridge:migration": JSON.stringify(migration) };
  const recording = await record(load, { ...answers, config });
  const subjects = new Map<string, Subject>();
  const make = (one: Recorded): Subject => {
    const parent = recording.resources.find(({ urn }) => urn === one.parent);
    const waitsFor = Object.entries(one.propertyDependencies).map(([key, urns]) => {
      return [key, urns.flatMap((urn) => subjects.get(urn) ?? [])] as const;
    });
    return {
      type: one.type,
      name: one.name,
      // After an update a resource has outputs too; a component has nothing else.
      props: revealAll({ ...one.inputs, ...(recording.registered.get(one.urn) ?? {}) }) as Properties,
      protect: one.protect,
      retainOnDelete: one.retainOnDelete,
      waitsFor: Object.fromEntries(waitsFor),
      ...(parent === undefined ? {} : { parent: subjects.get(parent.urn) as Subject }),
    };
  };
  for (const one of recording.resources) subjects.set(one.urn, make(one));
  const shown = Object.entries(outputs).map(async ([key, value]) => {
    return [key, pulumi.Output.isInstance(value) ? await valueOf(value) : value] as const;
  });
  const root = { type: "pulumi:pulumi:Stack", name: "stack", props: Object.fromEntries(await Promise.all(shown)) };
  return [root, ...subjects.values()];
}

export function names(): readonly string[] {
  return POLICIES.map(({ name }) => name);
}
