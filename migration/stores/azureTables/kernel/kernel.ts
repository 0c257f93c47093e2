import type { Row } from "../../../engine/row";
import type { RowParts } from "../entity";

/**
 * Makes rows of the entities of a page: what is kept of each, its keys, its digest. There are two, which give the same
 * rows and refuse the same pages: the JavaScript one says what is right, the WebAssembly one is faster.
 */
export interface Kernel {
  readonly name: KernelName;
  /** Begins a page, which must be valid UTF-8; what was read of an earlier one stays good. */
  open(page: Buffer, parts: RowParts): void;
  /**
   * Reads the entity that begins at `at`, and perhaps some that follow it, into `rows`. Returns where the last of them
   * ends. Throws `MalformedResponse`, `TypeUnknown` or `ValueInvalid`.
   */
  entities(at: number, rows: Row[]): number;
}

export type KernelName = "javascript" | "wasm";
