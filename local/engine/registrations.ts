import { randomUUID } from "node:crypto";
import { formerUrns } from "./alias";
import type { Goal } from "./goal";
import { DYNAMIC_PACKAGE, PROVIDER_TYPE } from "./providerRegistry";
import type { EngineProvider } from "./provider";
import { parseProviderRef, type ResourceState } from "./resourceState";
import type { Run } from "./run";
import { makeUrn, packageOf, parseUrn } from "./urn";
import { hasUnknown, type Properties } from "./value";

/** What the program has registered so far, and under which names an earlier run knew it. */
export class Registrations {
  readonly #goals = new Map<string, Goal>();
  readonly #former = new Map<string, string>();

  constructor(private readonly run: Run) {}

  has(urn: string): boolean {
    return this.#goals.has(urn);
  }

  /** The URN of a new registration. Throws where it is taken already. */
  admit(goal: Goal): { readonly urn: string; readonly goal: Goal } {
    const { project } = this.run;
    const where = { stack: project.stack, project: project.name };
    const urn = makeUrn(where, goal.parent, goal.type, goal.name);
    if (this.#goals.has(urn)) throw new Error(`Duplicate resource URN '${urn}': try giving it a unique name.`);
    const inherited = this.#inherit(goal);
    this.#goals.set(urn, inherited);
    return { urn, goal: inherited };
  }

  /** Children are protected, retained and provided for as their parent is, unless they say otherwise. */
  #inherit(goal: Goal): Goal {
    const parent = this.#goals.get(goal.parent);
    if (parent === undefined) return goal;
    const { protect = parent.protect, retainOnDelete = parent.retainOnDelete } = goal;
    const sameProvider = goal.provider === "" && this.#packageOfProvider(parent.provider) === packageOf(goal.type);
    return {
      ...goal,
      ...(protect === undefined ? {} : { protect }),
      ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
      provider: sameProvider ? parent.provider : goal.provider,
    };
  }

  #packageOfProvider(ref: string): string {
    return ref === "" ? "" : parseUrn(parseProviderRef(ref).urn).type.slice(PROVIDER_TYPE.length);
  }

  /** What an earlier run left of this resource, under its own URN or under one it had before. */
  findOld(urn: string, goal: Goal): ResourceState | undefined {
    const { snapshot, project } = this.run;
    const own = snapshot.old(urn);
    if (own !== undefined) return own;
    const where = { stack: project.stack, project: project.name };
    for (const former of formerUrns(where, goal, this.#former)) {
      const found = this.#goals.has(former) ? undefined : snapshot.old(former);
      if (found === undefined) continue;
      this.#former.set(urn, former);
      snapshot.rename(former, urn);
      return snapshot.old(former);
    }
    return undefined;
  }

  /** The provider of a resource or function: the one that was given, else the package's default one. */
  resolveProvider(ref: string, packageName: string, version: string): { ref: string; provider: EngineProvider } {
    const chosen = ref === "" ? this.#defaultProvider(packageName, version) : ref;
    const { urn } = parseProviderRef(chosen);
    const provider = this.run.providers.get(urn);
    if (provider === undefined) {
      const { name } = parseUrn(urn);
      throw new Error(`The provider ${name} cannot be used yet: its configuration depends on resources to be made.`);
    }
    return { ref: chosen, provider };
  }

  /** Configures the provider that a provider resource stands for; in a preview, once all of its inputs are known. */
  configure(urn: string, type: string, inputs: Properties): void {
    if (hasUnknown(inputs)) return;
    this.run.providers.configure(urn, type.slice(PROVIDER_TYPE.length), inputs);
  }

  #defaultProvider(packageName: string, version: string): string {
    const { run } = this;
    const versioned = version !== "" && packageName !== DYNAMIC_PACKAGE;
    const name = versioned ? `default_${version.replaceAll(".", "_")}` : "default";
    const type = `${PROVIDER_TYPE}${packageName}`;
    const urn = makeUrn({ stack: run.project.stack, project: run.project.name }, "", type, name);
    const old = run.snapshot.find(urn);
    const id = old?.id ?? randomUUID();
    if (run.providers.get(urn) === undefined || run.snapshot.old(urn) !== undefined) {
      const inputs = this.#defaultConfiguration(packageName, version);
      this.configure(urn, type, inputs);
      const common = { custom: true, dependencies: [], propertyDependencies: {} };
      run.snapshot.settle({ urn, type, id, inputs, outputs: inputs, ...common }, run.snapshot.old(urn));
    }
    return `${urn}::${id}`;
  }

  #defaultConfiguration(packageName: string, version: string): Properties {
    const prefix = `${packageName}:`;
    const given = Object.entries(this.run.project.config).filter(([key]) => key.startsWith(prefix));
    const settings = Object.fromEntries(given.map(([key, text]) => [key.slice(prefix.length), text]));
    return version === "" ? settings : { ...settings, version };
  }
}
