import { parseProviderRef, type PendingOperation, type ResourceState } from "./resourceState";
import type { Checkpoint } from "./stateFile";

/**
 * The stack's resources while a run changes them. At every moment it is a state that the next run can go on from:
 * first what this run settled, in order, then what it has not come to yet, then what waits to be deleted.
 */
export class Snapshot {
  readonly #settled: ResourceState[] = [];
  readonly #olds = new Map<string, ResourceState>();
  readonly #condemned: ResourceState[] = [];
  readonly #pending: PendingOperation[] = [];

  constructor(
    { resources }: Checkpoint,
    private readonly save: (checkpoint: Checkpoint) => void,
  ) {
    for (const state of resources) {
      if (state.delete === true) this.#condemned.push(state);
      else this.#olds.set(state.urn, state);
    }
  }

  /** What an earlier run left under this URN, unless this run has settled it already. */
  old(urn: string): ResourceState | undefined {
    return this.#olds.get(urn);
  }

  olds(): readonly ResourceState[] {
    return [...this.#olds.values()];
  }

  condemned(): readonly ResourceState[] {
    return [...this.#condemned];
  }

  resources(): readonly ResourceState[] {
    return [...this.#settled, ...this.#olds.values(), ...this.#condemned];
  }

  find(urn: string): ResourceState | undefined {
    return this.#settled.findLast((state) => state.urn === urn) ?? this.#olds.get(urn);
  }

  /** The new state takes the place of the old one. */
  settle(state: ResourceState, old: ResourceState | undefined): void {
    if (old !== undefined) this.#olds.delete(old.urn);
    const index = this.#settled.findIndex(({ urn }) => urn === state.urn);
    if (index === -1) this.#settled.push(state);
    else this.#settled[index] = state;
    this.#write();
  }

  /** The old state stays as it is, under the URN it has now: nothing was done to it. */
  condemn(old: ResourceState): void {
    this.#olds.delete(old.urn);
    this.#condemned.push({ ...old, delete: true });
    this.#write();
  }

  remove(gone: ResourceState): void {
    const condemned = this.#condemned.indexOf(gone);
    const settled = this.#settled.indexOf(gone);
    if (condemned !== -1) this.#condemned.splice(condemned, 1);
    else if (settled !== -1) this.#settled.splice(settled, 1);
    else this.#olds.delete(gone.urn);
    this.#write();
  }

  /** Writes what is known now; everything that changes state does so by itself. */
  flush(): void {
    this.#write();
  }

  /**
   * Says on disk, before it begins, what is being done: a run that is killed leaves a trace of it. What is returned
   * takes that back, on disk with the next change: never before the outcome is there as well.
   */
  begin(operation: PendingOperation): () => void {
    this.#pending.push(operation);
    this.#write();
    return () => {
      const index = this.#pending.indexOf(operation);
      if (index !== -1) this.#pending.splice(index, 1);
    };
  }

  /** References to an aliased resource follow it to its new URN. */
  rename(from: string, to: string): void {
    const follow = (urn: string): string => (urn === from ? to : urn);
    const followRef = (ref: string): string => {
      const { urn, id } = parseProviderRef(ref);
      return `${follow(urn)}::${id}`;
    };
    const renamed = (state: ResourceState): ResourceState => ({
      ...state,
      ...(state.parent === undefined ? {} : { parent: follow(state.parent) }),
      ...(state.provider === undefined ? {} : { provider: followRef(state.provider) }),
      dependencies: state.dependencies.map(follow),
      propertyDependencies: Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(follow)]),
      ),
    });
    for (const [urn, state] of this.#olds) this.#olds.set(urn, renamed(state));
    this.#condemned.forEach((state, index) => void (this.#condemned[index] = renamed(state)));
  }

  #write(): void {
    this.save({ resources: this.resources(), pendingOperations: [...this.#pending] });
  }
}
