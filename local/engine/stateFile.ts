import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { newCrypter, openCrypter, type Crypter } from "./crypter";
import type { PendingOperation, ResourceState } from "./resourceState";
import { isObject, mapSecrets, mapValue, SECRET, SIGNATURE, stripSecrets, type Properties, type Value } from "./value";
import { isRunning } from "../isRunning";

export interface Checkpoint {
  readonly resources: readonly ResourceState[];
  readonly pendingOperations: readonly PendingOperation[];
}

/** A deployment as `pulumi stack export` would show it. */
export interface ExportedState {
  readonly version: number;
  readonly deployment: {
    readonly manifest: { readonly time: string; readonly magic: string; readonly version: string };
    readonly secrets_providers: { readonly type: string; readonly state: { readonly salt: string } };
    readonly resources: readonly ResourceState[];
    readonly pending_operations: readonly PendingOperation[];
  };
}

const VERSION = 3;
const PROVIDER = "landbridge-passphrase";

type Seal = (plain: Value) => Value;

function sealProperties(properties: Properties, seal: Seal): Properties {
  const sealed = (plain: Value): Value => ({ [SIGNATURE]: SECRET, ...(seal(plain) as Properties) });
  return mapSecrets(properties, (secret) => sealed(stripSecrets(secret))) as Properties;
}

function sealResource(state: ResourceState, seal: Seal): ResourceState {
  return { ...state, inputs: sealProperties(state.inputs, seal), outputs: sealProperties(state.outputs, seal) };
}

function openProperties(properties: Properties, crypter: Crypter): Properties {
  return mapValue(properties, (leaf) => leaf, (node) => {
    if (!isObject(node) || node[SIGNATURE] !== SECRET || typeof node.ciphertext !== "string") return node;
    return { [SIGNATURE]: SECRET, value: JSON.parse(crypter.decrypt(node.ciphertext)) as Value };
  }) as Properties;
}

function readExported(file: string): ExportedState | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const exported = JSON.parse(text) as ExportedState;
  if (exported.version === VERSION && Array.isArray(exported.deployment.resources)) return exported;
  throw new Error(`${file} is no state file of version ${VERSION}.`);
}

/** One stack's state on disk. Secrets in it are encrypted; it is written whole, beside itself, and renamed. */
export class StateFile {
  readonly #crypter: Crypter;
  readonly #salt: string;
  readonly #opened: Checkpoint;

  /** Throws where the file cannot be read or the passphrase is another one. */
  constructor(
    readonly file: string,
    passphrase: string,
  ) {
    const exported = readExported(file);
    if (exported === undefined) {
      const made = newCrypter(passphrase);
      this.#crypter = made.crypter;
      this.#salt = made.salt;
      this.#opened = { resources: [], pendingOperations: [] };
      return;
    }
    const { deployment } = exported;
    const { salt } = deployment.secrets_providers.state;
    const crypter = openCrypter(passphrase, salt, file);
    this.#crypter = crypter;
    this.#salt = salt;
    const resources = deployment.resources.map((state) => ({
      ...state,
      inputs: openProperties(state.inputs, crypter),
      outputs: openProperties(state.outputs, crypter),
    }));
    this.#opened = { resources, pendingOperations: deployment.pending_operations };
  }

  /** What was in the file when it was opened. */
  get opened(): Checkpoint {
    return this.#opened;
  }

  write(checkpoint: Checkpoint): void {
    const seal = (plain: Value): Value => ({ ciphertext: this.#crypter.encrypt(JSON.stringify(plain)) });
    mkdirSync(dirname(this.file), { recursive: true });
    const unfinished = `${this.file}.new`;
    writeFileSync(unfinished, JSON.stringify(this.export(checkpoint, seal), undefined, 2), { mode: 0o600 });
    renameSync(unfinished, this.file);
  }

  /** For people and tests: secrets sealed as `[secret]`, or shown in the clear where asked. */
  show(checkpoint: Checkpoint, showSecrets: boolean): ExportedState {
    const seal = (plain: Value): Value => {
      const text = JSON.stringify(plain);
      return showSecrets ? { plaintext: text } : { ciphertext: this.#crypter.encrypt(text) };
    };
    return this.export(checkpoint, seal);
  }

  private export({ resources, pendingOperations }: Checkpoint, seal: Seal): ExportedState {
    return {
      version: VERSION,
      deployment: {
        manifest: { time: new Date().toISOString(), magic: "", version: "local" },
        secrets_providers: { type: PROVIDER, state: { salt: this.#salt } },
        resources: resources.map((state) => sealResource(state, seal)),
        pending_operations: pendingOperations,
      },
    };
  }
}

/** Keeps a second run off the same state. Returns what releases it; a lock whose process is gone is taken over. */
export function lockState(file: string): () => void {
  const lock = `${file}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      const handle = openSync(lock, "wx", 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(readFileSync(lock, "utf8"));
      if (isRunning(holder)) {
        const remedy = `Wait for it to end; if it is not such a run, delete ${lock}`;
        throw new Error(`Process ${holder} works on this stack. ${remedy}.`, { cause: error });
      }
      rmSync(lock, { force: true });
    }
  }
}
