import { forProvider } from "./plan";
import { isProviderType, PROVIDER_TYPE } from "./providerRegistry";
import { errorText, type EngineProvider } from "./provider";
import type { Step } from "./protocol";
import { parseProviderRef, prerequisites, type ResourceState } from "./resourceState";
import type { Run } from "./run";
import { parseUrn } from "./urn";

/** The provider that state names; configured from state where the program did not. */
export function providerOf(run: Run, state: ResourceState): EngineProvider | undefined {
  if (!state.custom || state.provider === undefined) return undefined;
  const { urn } = parseProviderRef(state.provider);
  const known = run.providers.get(urn);
  if (known !== undefined) return known;
  const resource = run.snapshot.resources().find((other) => other.urn === urn);
  if (resource === undefined) throw new Error(`State has no provider ${urn}, which ${state.urn} needs.`);
  return run.providers.configure(urn, resource.type.slice(PROVIDER_TYPE.length), resource.inputs);
}

/** Deletes the real thing, unless it is to be retained or was only read, and forgets it. */
export async function deleteResource(run: Run, state: ResourceState): Promise<void> {
  const kept = state.retainOnDelete === true || state.external === true;
  const provider = kept ? undefined : providerOf(run, state);
  if (provider !== undefined) {
    const end = run.snapshot.begin({ type: "deleting", urn: state.urn });
    try {
      await provider.delete({ urn: state.urn, type: state.type }, state.id ?? "", forProvider(state.outputs));
      end();
    } catch (error) {
      end();
      run.snapshot.flush();
      throw error;
    }
  }
  run.snapshot.remove(state);
}

/** Who must be gone first: each wave can be deleted once the waves before it are. */
export function deletionWaves(doomed: readonly ResourceState[]): readonly (readonly ResourceState[])[] {
  const waves: (readonly ResourceState[])[] = [];
  let left = [...doomed];
  while (left.length > 0) {
    const needed = new Set(left.flatMap((state) => prerequisites(state).filter((urn) => urn !== state.urn)));
    // Of two with one URN (a replaced one and its successor) the older waits for neither.
    const wave = left.filter(({ urn }) => !needed.has(urn));
    if (wave.length === 0) throw new Error(`State has a cycle of dependencies through ${left[0]?.urn ?? ""}.`);
    waves.push(wave);
    left = left.filter((state) => !wave.includes(state));
  }
  return waves;
}

function checkProtected(doomed: readonly ResourceState[]): void {
  const held = doomed.filter(({ protect, delete: replaced }) => protect === true && replaced !== true);
  if (held.length === 0) return;
  const names = held.map(({ urn }) => parseUrn(urn)).map(({ type, name }) => `${name} (${type})`);
  const remedy = "Remove the protect option from the program and run up before";
  throw new Error(`Protected resources cannot be deleted: ${names.join(", ")}. ${remedy}.`);
}

/** Made by the engine itself, for resources that name no provider: not counted, not shown. */
export function isDefaultProvider({ type, urn }: ResourceState): boolean {
  return isProviderType(type) && /^default(_|$)/.test(parseUrn(urn).name);
}

function stepFor(state: ResourceState): Step {
  const { type, name } = parseUrn(state.urn);
  const op = state.delete === true ? "deleteReplaced" : "delete";
  return { urn: state.urn, type, name, op, ...(state.retainOnDelete === true ? { retained: true } : {}) };
}

/**
 * Deletes resources in the reverse order of their dependencies. Nothing is begun where one of them is protected.
 * Where one fails, what was begun is finished, and what it depends on stays.
 */
export async function deleteAll(run: Run, doomed: readonly ResourceState[]): Promise<void> {
  checkProtected(doomed);
  for (const wave of deletionWaves(doomed)) {
    run.checkAlive();
    const work = wave.map(async (state) => {
      const carryOut = async (): Promise<void> => {
        if (run.preview) return;
        await deleteResource(run, state).catch((cause: unknown) => {
          const { type, name } = parseUrn(state.urn);
          throw new Error(`${type} "${name}": ${errorText(cause)}`, { cause });
        });
      };
      if (isDefaultProvider(state) || state.external === true) return await carryOut();
      return await run.step(stepFor(state), carryOut);
    });
    const results = await Promise.allSettled(work);
    const failed = results.filter((result) => result.status === "rejected");
    failed.slice(1).forEach(({ reason }) => run.log("error", errorText(reason)));
    if (failed[0] !== undefined) throw failed[0].reason;
  }
}
