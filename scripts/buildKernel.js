/**
 * Compiles the kernel of scanning (AssemblyScript -> WebAssembly) unless it is newer than what it is made of. `npm ci`
 * runs it; `npm run kernel` does, too. Without the compiler (an installation without development dependencies)
 * nothing is built, and landbridge works with its JavaScript kernel.
 */
const { spawnSync } = require("node:child_process");
const { readdirSync, renameSync, rmSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");

const project = join(__dirname, "..");
const sources = join(project, "migration", "stores", "azureTables", "kernel", "assembly");
const output = join(sources, "..", "kernel.wasm");

function compiler() {
  try {
    return join(dirname(require.resolve("assemblyscript/package.json", { paths: [project] })), "bin", "asc.js");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

function changedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
}

function isStale() {
  const inputs = [__filename, ...readdirSync(sources).map((name) => join(sources, name))];
  return inputs.some((file) => changedMs(file) > changedMs(output));
}

/** Builds the kernel if it must be. Throws where the source does not compile. */
function buildKernel() {
  if (!isStale()) return;
  const asc = compiler();
  if (asc === undefined) {
    process.stderr.write("The WebAssembly kernel is not built (no compiler here): the JavaScript one will do.\n");
    return;
  }
  // Built aside and moved into place, so that nobody reads half of it.
  const unfinished = `${output}.${process.pid}`;
  const args = [
    asc, join(sources, "index.ts"), "--outFile", unfinished, "-O3", "--runtime", "stub", "--enable", "simd", "--noAssert",
    "--use", "abort=", "--zeroFilledMemory",
  ];
  const { status, error } = spawnSync(process.execPath, args, { cwd: project, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) {
    rmSync(unfinished, { force: true });
    throw new Error(`The WebAssembly kernel does not compile (assemblyscript ended with ${status}).`);
  }
  renameSync(unfinished, output);
}

module.exports = { buildKernel };

if (require.main === module) buildKernel();
