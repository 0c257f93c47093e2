import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import ts from "typescript";

const project = join(__dirname, "..");

/** Files that git tracks or would track: what a reader of the repository sees. */
function files(): readonly string[] {
  const list = (...args: string[]) =>
    execFileSync("git", ["ls-files", "-z", ...args], { cwd: project, encoding: "utf8" }).split("\0").filter(Boolean);
  return [...new Set([...list(), ...list("--others", "--exclude-standard")])].filter((file) =>
    existsSync(join(project, file)),
  );
}

const all = files();
const sources = all.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));

function read(file: string): string {
  return readFileSync(join(project, file), "utf8");
}

/** Modules that a file names, by the compiler's own reading; relative ones as paths from the project's root. */
function imports(file: string): readonly string[] {
  return ts
    .preProcessFile(read(file), true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith(".") ? relative(project, join(project, dirname(file), fileName)) : fileName,
    );
}

/** Rooms and what each may not reach: calls flow one way (ARCHITECTURE.md). */
const FORBIDDEN: readonly { readonly from: RegExp; readonly to: RegExp; readonly why: string }[] = [
  {
    from: /^migration\/engine\//,
    to: /^(?!migration\/engine\/|node:crypto$)/,
    why: "the engine is pure: no store, SDK, clock or process",
  },
  {
    from: /^migration\/stores\//,
    to: /^(migration\/(?!engine\/|stores\/)|components|local|@pulumi)/,
    why: "stores implement the engine's ports, and know nothing else",
  },
  {
    from: /^migration\/(run|access|report|handlers|cli)/,
    to: /^@pulumi/,
    why: "what the resources do is plain code without Pulumi",
  },
  {
    from: /^migration\/(run|report)\//,
    to: /^(migration\/(handlers|resources|cli)|components|local)/,
    why: "wiring does not reach up to its callers",
  },
  { from: /^migration\/access\//, to: /^(migration\/(handlers|resources|cli|run)|components|local)/, why: "see above" },
  { from: /^migration\/handlers\//, to: /^(migration\/(resources|cli)|components|local)/, why: "handlers are below" },
  { from: /^migration\/resources\//, to: /^(migration\/cli|components|local)/, why: "resources are below components" },
  { from: /^(migration|components)\//, to: /^(local|test|bench)\//, why: "the product does not know its stand-ins" },
  { from: /^(migration|components|local)\//, to: /^(test|bench)\//, why: "no product code depends on tests" },
];

describe("the house", () => {
  it("imports one way", () => {
    const wrong = sources.flatMap((file) =>
      imports(file).flatMap((target) =>
        FORBIDDEN.filter(({ from, to }) => from.test(file) && to.test(target)).map(
          ({ why }) => `${file} imports ${target}: ${why}`,
        ),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("has no source file that nothing reaches", () => {
    // Entry points: commands, and what they start as processes of their own.
    // AssemblyScript's are compiled from their index (scripts/buildKernel.js).
    const programs = /^(index\.ts|migration\/cli\.ts|local\/.*(main|Process|serve)\.ts|bench\/|test\/)/;
    const isEntry = (file: string) => programs.test(file) || file.endsWith("/assembly/index.ts");
    const reached = new Set(
      all
        .filter((file) => /\.(ts|js)$/.test(file))
        .flatMap((file) => imports(file))
        .flatMap((target) => [`${target}.ts`, `${target}/index.ts`, target]),
    );
    // migration/handlers are loaded by name (migration/handlers/load.js).
    const loaded = /^migration\/handlers\/[A-Za-z]+\.ts$/;
    const dead = sources.filter((file) => !isEntry(file) && !loaded.test(file) && !reached.has(file));
    expect(dead).toEqual([]);
  });

  it("keeps files small: at most 300 lines of 120 characters", () => {
    const large = sources.filter((file) => read(file).split("\n").length > 301);
    expect(large).toEqual([]);
  });

  it("leaves no loose ends in the code", () => {
    const loose = /\b(TODO|FIXME|XXX)\b|\.only\(|@ts-ignore|\bas any\b|catch *(\([^)]*\))? *\{ *\}/;
    const found = sources.filter((file) => file !== "test/tidy.test.ts").filter((file) => loose.test(read(file)));
    expect(found).toEqual([]);
  });

  it("holds no download address in its lock file and no path of a machine", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved": "https?:/);
    const texts = all.filter((file) => /\.(ts|js|json|md|ya?ml|txt)$/.test(file) && file !== "package-lock.json");
    const paths = texts.filter((file) => /(^|[^\w.])\/(root|home\/\w+|Users\/\w+|work)\//m.test(read(file)));
    expect(paths).toEqual([]);
  });

  it("has exact versions only", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
    );
    expect(loose).toEqual([]);
  });
});
