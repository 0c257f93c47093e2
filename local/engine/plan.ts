import { decide, type Decision } from "./decide";
import type { Goal } from "./goal";
import { ignoreChanges } from "./propertyPath";
import { isProviderType } from "./providerRegistry";
import type { EngineProvider } from "./provider";
import type { Registrations } from "./registrations";
import type { ResourceState } from "./resourceState";
import type { Run } from "./run";
import { packageOf } from "./urn";
import { equal, markSecrets, stripReferences, stripSecrets, type Properties } from "./value";

/** What is to be done for one registration, before anything is done. */
export interface Plan {
  readonly urn: string;
  readonly goal: Goal;
  /** As checked, with their secrets. */
  readonly inputs: Properties;
  readonly old?: ResourceState;
  /** `<urn>::<id>`; absent for components and provider resources. */
  readonly providerRef?: string;
  readonly provider?: EngineProvider;
  readonly decision: Decision | { readonly op: "create" };
}

/** As providers get properties: no marks of secrecy, references as IDs. */
export function forProvider(properties: Properties): Properties {
  return stripReferences(stripSecrets(properties));
}

interface Checked {
  readonly urn: string;
  readonly goal: Goal;
  readonly provider: EngineProvider;
}

async function check({ urn, goal, provider }: Checked, olds: Properties, wanted: Properties): Promise<Properties> {
  const call = { urn, type: goal.type };
  const { inputs, failures } = await provider.check(call, forProvider(olds), forProvider(wanted));
  if (failures.length > 0) {
    const reasons = failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
    throw new Error(reasons.join("; "));
  }
  return markSecrets(inputs, wanted, []);
}

/** Components and provider resources are the engine's own: compared, never checked. */
function planOwn(urn: string, goal: Goal, old: ResourceState | undefined): Plan {
  const { inputs } = goal;
  if (old === undefined) return { urn, goal, inputs, decision: { op: "create" } };
  if (old.custom !== goal.custom) {
    return { urn, goal, inputs, old, decision: { op: "replace", deleteBeforeReplace: false } };
  }
  return { urn, goal, inputs, old, decision: { op: equal(old.inputs, inputs) ? "same" : "update" } };
}

/** Decides what a registration comes to. Asks the provider; changes nothing. */
export async function planRegistration(run: Run, registrations: Registrations, wanted: Goal): Promise<Plan> {
  const { urn, goal } = registrations.admit(wanted);
  const found = registrations.findOld(urn, goal);
  // What was only read before is managed from now on.
  const old = found?.external === true ? undefined : found;
  run.filter.learn(goal.inputs);
  if (!goal.custom || isProviderType(goal.type)) return planOwn(urn, goal, old);
  const { ref, provider } = registrations.resolveProvider(goal.provider, packageOf(goal.type), goal.version);
  const checked: Checked = { urn, goal, provider };
  const common = { urn, goal, provider, providerRef: ref };
  if (old === undefined) {
    return { ...common, inputs: await check(checked, {}, goal.inputs), decision: { op: "create" } };
  }
  const inputs = await check(checked, old.inputs, ignoreChanges(goal.inputs, old.inputs, goal.ignoreChanges));
  const call = { urn, type: goal.type };
  const decision: Decision = old.custom
    ? decide({
        old,
        inputs,
        diff: await provider.diff(call, old.id ?? "", forProvider(old.outputs), forProvider(inputs)),
        replaceOnChanges: goal.replaceOnChanges,
        ...(goal.deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: goal.deleteBeforeReplace }),
      })
    : { op: "replace", deleteBeforeReplace: false };
  if (decision.op !== "replace") return { ...common, inputs, old, decision };
  if (old.protect === true && goal.protect === true) {
    const remedy = "remove the protect option, run up, then change it again";
    throw new Error(`It would have to be replaced and is protected: ${remedy}.`);
  }
  // A new resource: nothing that was computed for the old one is carried over.
  return { ...common, inputs: await check(checked, {}, goal.inputs), old, decision };
}
