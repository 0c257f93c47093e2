/** The part of WebAssembly's interface that is used here: Node has it, its types leave it to the browser's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: unknown;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KiB. Views of the old `buffer` end. */
    grow(pages: number): number;
  }
  interface Global {
    readonly value: unknown;
  }
}
