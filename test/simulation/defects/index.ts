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
  install(ports: Ports, process: Process): Ports;
}
