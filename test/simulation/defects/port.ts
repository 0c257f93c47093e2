import type { Journal } from "../../../migration/engine/journal";
import type { Store } from "../../../migration/engine/store";
import type { Process } from "../process";

/** What a run is given to reach the world. */
export interface Ports {
  readonly source: Store;
  readonly destination: Store;
  readonly journal: Journal;
}

/** A mistake that an engine could make, put between the engine and its ports. */
export interface Defect {
  readonly name: string;
  /** The checker whose business it is; others may notice it, too. */
  readonly caughtBy: string;
  /** It is caught within so many seeds. */
  readonly withinSeeds: number;
  install(ports: Ports, process: Process): Ports;
}

type Methods<T> = { readonly [K in keyof T]?: T[K] };

/** The port with some of its methods replaced. */
export function replacing<T extends object>(port: T, methods: Methods<T>): T {
  return new Proxy(port, {
    get: (target, name) => {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
