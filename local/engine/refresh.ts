import { isDefaultProvider, providerOf } from "./deletion";
import { forProvider } from "./plan";
import { propertyChanges } from "./propertyChanges";
import { isProviderType } from "./providerRegistry";
import { errorText } from "./provider";
import type { Step } from "./protocol";
import type { ResourceState } from "./resourceState";
import type { Run } from "./run";
import { parseUrn } from "./urn";
import { equal, markSecrets } from "./value";

async function refreshOne(run: Run, old: ResourceState): Promise<void> {
  const provider = providerOf(run, old);
  if (provider === undefined || isProviderType(old.type) || old.external === true) {
    if (!isDefaultProvider(old) && old.external !== true) run.countSame();
    return run.snapshot.settle(old, old);
  }
  const { type, name } = parseUrn(old.urn);
  const call = { urn: old.urn, type };
  const read = await run.track(provider.read(call, old.id ?? "", forProvider(old.outputs)));
  if (read.id === undefined) {
    const step: Step = { urn: old.urn, type, name, op: "delete", detail: "it is gone" };
    await run.step(step, async () => run.snapshot.remove(old));
    return;
  }
  const secretLike = { ...old.inputs, ...old.outputs };
  const outputs = markSecrets(read.outputs, secretLike, old.additionalSecretOutputs ?? []);
  const inputs = read.inputs === undefined ? old.inputs : markSecrets(read.inputs, old.inputs, []);
  run.filter.learn(outputs);
  const { id } = read;
  // The resource is still as it was declared; what it shows besides may have changed, and is said, but not counted.
  run.countSame();
  if (equal(outputs, old.outputs) && equal(inputs, old.inputs) && id === old.id) {
    return run.snapshot.settle(old, old);
  }
  const changes = propertyChanges(old.outputs, outputs);
  const step: Step = { urn: old.urn, type, name, op: "refresh", changes };
  const modified = new Date().toISOString();
  await run.step(step, async () => run.snapshot.settle({ ...old, id, inputs, outputs, modified }, old));
}

/** Asks every provider what is really there, and writes that into state. Resources are read one after the other. */
export async function refresh(run: Run): Promise<void> {
  for (const old of run.snapshot.olds()) {
    run.checkAlive();
    try {
      await refreshOne(run, old);
    } catch (error) {
      const what = `${old.type} "${parseUrn(old.urn).name}"`;
      throw new Error(`${what} could not be read: ${errorText(error)}`, { cause: error });
    }
  }
}
