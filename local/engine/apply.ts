import { randomUUID } from "node:crypto";
import { deleteResource } from "./deletion";
import type { Plan } from "./plan";
import { forProvider } from "./plan";
import { propertyChanges } from "./propertyChanges";
import { isProviderType } from "./providerRegistry";
import { partialFailure } from "./provider";
import type { Step } from "./protocol";
import type { PendingOperation, ResourceState } from "./resourceState";
import type { Run } from "./run";
import { markSecrets, toProperties, UNKNOWN, type Properties } from "./value";

/** The state as the program wants it, still without what only a provider can know. */
function wantedState({ urn, goal, inputs, old, providerRef }: Plan): ResourceState {
  const now = new Date().toISOString();
  const created = old?.created ?? now;
  return {
    urn,
    type: goal.type,
    custom: goal.custom,
    inputs,
    outputs: {},
    ...(goal.parent === "" ? {} : { parent: goal.parent }),
    ...(providerRef === undefined ? {} : { provider: providerRef }),
    dependencies: goal.dependencies,
    propertyDependencies: goal.propertyDependencies,
    ...(goal.protect === true ? { protect: true } : {}),
    ...(goal.retainOnDelete === true ? { retainOnDelete: true } : {}),
    ...(goal.additionalSecretOutputs.length > 0 ? { additionalSecretOutputs: goal.additionalSecretOutputs } : {}),
    ...(old === undefined || old.urn === urn ? {} : { aliases: [old.urn] }),
    ...(goal.ignoreChanges.length > 0 ? { ignoreChanges: goal.ignoreChanges } : {}),
    created,
    modified: now,
  };
}

function withOutputs(run: Run, state: ResourceState, id: string, outputs: Properties): ResourceState {
  const marked = markSecrets(outputs, state.inputs, state.additionalSecretOutputs ?? []);
  run.filter.learn(marked);
  return { ...state, id, outputs: marked };
}

/** Runs the provider; what it achieved in part is kept, with the reasons, and the error goes on. */
async function attempt(
  run: Run,
  state: ResourceState,
  operation: PendingOperation,
  work: () => Promise<{ readonly id: string; readonly outputs: Properties }>,
  keep: (state: ResourceState) => void,
): Promise<ResourceState> {
  const end = run.snapshot.begin(operation);
  try {
    const { id, outputs } = await work();
    const done = withOutputs(run, state, id, outputs);
    end();
    keep(done);
    return done;
  } catch (error) {
    end();
    const part = partialFailure(error, (raw) => toProperties(raw, "The properties of the error"));
    if (part === undefined) run.snapshot.flush();
    else keep({ ...withOutputs(run, state, part.id, part.properties), initErrors: part.reasons });
    throw error;
  }
}

async function create(run: Run, plan: Plan, keep: (state: ResourceState) => void): Promise<ResourceState> {
  const { urn, goal, inputs, provider } = plan;
  const state = wantedState(plan);
  if (provider === undefined) {
    const id = isProviderType(goal.type) ? (run.preview ? UNKNOWN : randomUUID()) : undefined;
    const made = id === undefined ? state : { ...state, id, outputs: inputs };
    keep(made);
    return made;
  }
  if (run.preview) {
    const expected = { ...state, outputs: inputs };
    keep(expected);
    return expected;
  }
  const work = () => provider.create({ urn, type: goal.type }, forProvider(inputs));
  return await attempt(run, state, { type: "creating", urn }, work, keep);
}

async function update(run: Run, plan: Plan, old: ResourceState): Promise<ResourceState> {
  const { urn, goal, inputs, provider } = plan;
  const state = wantedState(plan);
  const keep = (done: ResourceState): void => run.snapshot.settle(done, old);
  const id = old.id ?? "";
  if (provider === undefined) {
    const updated = goal.custom ? { ...state, id, outputs: inputs } : { ...state, outputs: old.outputs };
    keep(updated);
    return updated;
  }
  if (run.preview) {
    // A preview knows the inputs; whatever else the provider computes is unknown until it has.
    const expected = { ...state, id, outputs: inputs };
    keep(expected);
    return expected;
  }
  const work = async () => {
    const outputs = await provider.update({ urn, type: goal.type }, id, forProvider(old.outputs), forProvider(inputs));
    return { id, outputs };
  };
  return await attempt(run, state, { type: "updating", urn }, work, keep);
}

function same(run: Run, plan: Plan, old: ResourceState): ResourceState {
  const { modified = old.modified } = old;
  const state: ResourceState = {
    ...wantedState(plan),
    ...(old.id === undefined ? {} : { id: old.id }),
    outputs: markSecrets(old.outputs, {}, plan.goal.additionalSecretOutputs),
    ...(modified === undefined ? {} : { modified }),
  };
  run.snapshot.settle(state, old);
  run.countSame();
  return state;
}

async function replace(run: Run, plan: Plan, old: ResourceState, deleteFirst: boolean): Promise<ResourceState> {
  if (!deleteFirst) {
    return await create(run, plan, (made) => {
      run.snapshot.condemn(old);
      run.snapshot.settle(made, undefined);
    });
  }
  if (run.preview) run.snapshot.remove(old);
  else await deleteResource(run, old);
  return await create(run, plan, (made) => run.snapshot.settle(made, undefined));
}

/** Does what was planned and returns the new state: the real one, or in a preview what of it is known. */
export async function applyPlan(run: Run, plan: Plan): Promise<ResourceState> {
  const { urn, goal, inputs, old, decision } = plan;
  if (decision.op === "same" && old !== undefined) return same(run, plan, old);
  const changes = propertyChanges(old?.inputs ?? {}, inputs);
  const step: Step = { urn, type: goal.type, name: goal.name, op: decision.op, changes };
  return await run.step(step, async () => {
    if (decision.op === "create" || old === undefined) {
      return await create(run, plan, (made) => run.snapshot.settle(made, undefined));
    }
    if (decision.op === "replace") return await replace(run, plan, old, decision.deleteBeforeReplace);
    return await update(run, plan, old);
  });
}
