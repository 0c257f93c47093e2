import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A resource as the API shows it. */
export interface ArmResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly kind?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku?: Readonly<Record<string, unknown>>;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface StoredKeys {
  readonly keys: readonly [key1: string, key2: string];
  /** ISO 8601, UTC. */
  readonly createdOn: readonly [key1: string, key2: string];
}

interface StateFile {
  readonly resources: Readonly<Record<string, ArmResource>>;
  readonly keys: Readonly<Record<string, StoredKeys>>;
  readonly secretValues: Readonly<Record<string, string>>;
}

function readStateFile(file: string): StateFile {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as StateFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { resources: {}, keys: {}, secretValues: {} };
    throw new Error(`The emulators' state ${file} cannot be read (${String(error)}): delete its folder to start anew.`);
  }
}

/**
 * All that the stand-in remembers, in one JSON file that only its owner may read (it holds the emulated accounts' keys
 * and vault secrets). Written whole after every change, so that a killed process loses nothing it acknowledged.
 */
export class ManagementState {
  readonly #resources: Map<string, ArmResource>;
  readonly #keys: Map<string, StoredKeys>;
  readonly #secretValues: Map<string, string>;

  constructor(readonly file: string) {
    const { resources, keys, secretValues } = readStateFile(file);
    this.#resources = new Map(Object.entries(resources));
    this.#keys = new Map(Object.entries(keys));
    this.#secretValues = new Map(Object.entries(secretValues));
  }

  /** IDs are case-insensitive. */
  get(id: string): ArmResource | undefined {
    return this.#resources.get(id.toLowerCase());
  }

  /** Every resource at or below an ID; all of them for "". */
  below(id: string): readonly ArmResource[] {
    const prefix = id.toLowerCase();
    return [...this.#resources].filter(([key]) => `${key}/`.startsWith(`${prefix}/`)).map(([, value]) => value);
  }

  all(): readonly ArmResource[] {
    return [...this.#resources.values()];
  }

  put(resource: ArmResource): ArmResource {
    this.#resources.set(resource.id.toLowerCase(), resource);
    this.#save();
    return resource;
  }

  /** Removes a resource and all that hangs below it. */
  delete(id: string): void {
    const prefix = id.toLowerCase();
    for (const key of [...this.#resources.keys(), ...this.#secretValues.keys()]) {
      if (key !== prefix && !key.startsWith(`${prefix}/`)) continue;
      this.#resources.delete(key);
      this.#secretValues.delete(key);
    }
    this.#save();
  }

  keysOf(account: string): StoredKeys | undefined {
    return this.#keys.get(account);
  }

  putKeys(account: string, keys: StoredKeys): void {
    this.#keys.set(account, keys);
    this.#save();
  }

  secretValue(id: string): string | undefined {
    return this.#secretValues.get(id.toLowerCase());
  }

  putSecretValue(id: string, value: string): void {
    this.#secretValues.set(id.toLowerCase(), value);
    this.#save();
  }

  #save(): void {
    const content: StateFile = {
      resources: Object.fromEntries(this.#resources),
      keys: Object.fromEntries(this.#keys),
      secretValues: Object.fromEntries(this.#secretValues),
    };
    mkdirSync(dirname(this.file), { recursive: true });
    const unfinished = `${this.file}.new`;
    writeFileSync(unfinished, JSON.stringify(content, undefined, 2), { mode: 0o600 });
    renameSync(unfinished, this.file);
  }
}
