import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { tarOf } from "./tar";

/** Landbridge as a host gets it: one archive, which needs Node and nothing else there. */
export interface HostBundle {
  /** Absolute path of the archive. */
  readonly file: string;
  /** 64 hexadecimal digits over the archive's bytes. */
  readonly sha256: string;
}

/** Names inside of the archive. */
export const BUNDLED_PROGRAM = "landbridge.cjs";

/** The package's own folder; its real path, since links are followed by esbuild too. */
const PACKAGE = resolve(__dirname, "..", "..");
const KERNEL = join("migration", "stores", "azureTables", "kernel", "kernel.wasm");

/** The command line with all it depends on, as one file. Not minified: a stack trace from a host can be read. */
function program(): Uint8Array {
  const { outputFiles } = buildSync({
    absWorkingDir: PACKAGE,
    entryPoints: [join(PACKAGE, "migration", "cli.ts")],
    bundle: true,
    write: false,
    platform: "node",
    // The oldest that package.json's engines allow.
    target: "node20.18",
    format: "cjs",
    legalComments: "eof",
    logLevel: "warning",
  });
  const [built] = outputFiles;
  if (built === undefined) throw new Error("esbuild gave no file.");
  return built.contents;
}

/** Archives of other sources: nothing refers to them once there is a new one. */
function removeOlder(folder: string, file: string): void {
  const others = readdirSync(folder)
    .filter((name) => /^landbridge-[0-9a-f]{12}\.tar$/.test(name) && name !== basename(file));
  for (const name of others) rmSync(join(folder, name), { force: true });
}

/**
 * Builds the archive into `folder`, named by its hash, and leaves it there, alone, for the upload. The same sources
 * make the same bytes, so nothing is sent anew where nothing changed. Takes about two seconds.
 */
export function buildHostBundle(folder: string): HostBundle {
  const kernel = join(PACKAGE, KERNEL);
  const archive = tarOf([
    { name: BUNDLED_PROGRAM, content: program() },
    { name: "LICENSE", content: readFileSync(join(PACKAGE, "LICENSE")) },
    // Where it was not built, the kernel in JavaScript does the same, more slowly.
    ...(existsSync(kernel) ? [{ name: "kernel.wasm", content: readFileSync(kernel) }] : []),
  ]);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  const file = resolve(folder, `landbridge-${sha256.slice(0, 12)}.tar`);
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, archive);
  renameSync(unfinished, file);
  removeOlder(folder, file);
  return { file, sha256 };
}
