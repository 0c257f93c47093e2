import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { version } from "../../package.json";
import { buildHostBundle } from "../../components/host/bundle";
import { quoted, runScript } from "../../components/host/scripts";
import { tarOf } from "../../components/host/tar";

describe("what a host gets", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "landbridge-bundle-"))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is one archive that needs Node alone, the same bytes for the same sources, named by its hash", () => {
    const first = buildHostBundle(folder);
    const again = buildHostBundle(join(folder, "again"));
    expect(again.sha256).toBe(first.sha256);
    const bytes = readFileSync(first.file);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(first.sha256);
    expect(first.file).toContain(first.sha256.slice(0, 12));
    execFileSync("tar", ["-xf", first.file, "-C", folder]);
    const printed = execFileSync(process.execPath, [join(folder, "landbridge.cjs"), "--version"], {
      cwd: tmpdir(),
      env: {},
      encoding: "utf8",
    });
    expect(printed.trim()).toBe(version);
    // Nothing of the machine that built it.
    expect(bytes.includes(process.cwd())).toBe(false);
  });

  it("takes the place of the archives of older sources, and touches nothing else in the folder", () => {
    const own = mkdtempSync(join(folder, "own-"));
    for (const name of ["landbridge-0123456789ab.tar", "landbridge-mine.tar", "notes.txt"]) {
      writeFileSync(join(own, name), "");
    }
    const { file } = buildHostBundle(own);
    expect(readdirSync(own).sort()).toEqual([basename(file), "landbridge-mine.tar", "notes.txt"].sort());
  });

  it("unpacks to what was packed, and refuses names that do not fit", () => {
    const content = Buffer.from("x".repeat(513));
    execFileSync("tar", ["-x", "-C", folder], { input: tarOf([{ name: "a.txt", content }, { name: "b", content }]) });
    expect(readFileSync(join(folder, "a.txt")).equals(content)).toBe(true);
    expect(readFileSync(join(folder, "b")).equals(content)).toBe(true);
    expect(() => tarOf([{ name: "n".repeat(101), content }])).toThrow(/is no name for a file/);
  });

  it("is run by a script in which no value can be read as a command", () => {
    const evil = `'; touch ${join(folder, "owned")}; '`;
    const script = runScript({
      folder: evil, node: evil, archive: evil, sha256: "0".repeat(64), runId: evil, step: "copy", args: [evil],
    });
    expect(() => execFileSync("/bin/sh", ["-c", script], { cwd: folder, stdio: "pipe" })).toThrow();
    expect(() => readFileSync(join(folder, "owned"))).toThrow(/ENOENT/);
    expect(execFileSync("/bin/sh", ["-c", `printf %s ${quoted(evil)}`], { encoding: "utf8" })).toBe(evil);
  });
});
