import { execFileSync } from "node:child_process";
import {
  existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

import type { OperationalError } from "../../migration/engine/errors";
import { writeFileAtomically } from "../../migration/report/write";
import { credentialFromEnvironment } from "../../migration/run/fromEnvironment";
import { DifferencesFile } from "../../migration/run/differencesFile";
import { checkFiles } from "../../migration/run/files";
import { difference } from "../report/outcomes";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "landbridge-run-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string) => path.join(folder, name);

describe("a report file", () => {
  it("is there whole, or as it was before", async () => {
    await writeFileAtomically(file("r.json"), "one");
    await writeFileAtomically(file("r.json"), "two");
    expect(readFileSync(file("r.json"), "utf8")).toBe("two");
    // A folder cannot be replaced by a file: the write fails late, and must clean up after itself.
    await expect(writeFileAtomically(folder, "three")).rejects.toMatchObject({ code: "FileNotWritten" });
    expect(readdirSync(folder)).toEqual(["r.json"]);
    expect(readdirSync(path.dirname(folder)).filter((name) => name.includes(`${path.basename(folder)}.`))).toEqual([]);
  });

  it("goes where links lead, also to a file that is not there yet, and the links stay", async () => {
    mkdirSync(file("elsewhere"));
    symlinkSync(path.join("elsewhere", "r.json"), file("link.json"));
    for (const text of ["one", "two"]) {
      await writeFileAtomically(file("link.json"), text);
      expect(lstatSync(file("link.json")).isSymbolicLink()).toBe(true);
      expect(readFileSync(file("elsewhere/r.json"), "utf8")).toBe(text);
    }
    expect(readdirSync(file("elsewhere"))).toEqual(["r.json"]);
  });

  it("goes into a pipe, which stays a pipe, through a link or not", async () => {
    execFileSync("mkfifo", [file("pipe")]);
    symlinkSync("pipe", file("link"));
    for (const name of ["pipe", "link"]) {
      const read = readFile(file(name), "utf8");
      await writeFileAtomically(file(name), "through");
      // Had the pipe been replaced, nobody would ever write to its reader.
      expect(lstatSync(file("pipe")).isFIFO()).toBe(true);
      expect(await read).toBe("through");
    }
    expect(readdirSync(folder).sort()).toEqual(["link", "pipe"]);
  });

  it("is refused before anything begins where it could not be written", async () => {
    await expect(checkFiles({ reportFile: file("no/r.json") })).rejects.toThrow(/the folder .* is not there/);
    await expect(checkFiles({ htmlFile: folder })).rejects.toThrow(/is a folder/);
    await expect(checkFiles({ reportFile: file("a"), htmlFile: file("./a") })).rejects.toThrow(/two outputs/);
    symlinkSync("a", file("link"));
    await expect(checkFiles({ reportFile: file("a"), htmlFile: file("link") })).rejects.toThrow(/two outputs/);
    rmSync(file("link"));
    await expect(checkFiles({ reportFile: file("a"), htmlFile: file("b"), differencesFile: file("c") })).resolves
      .toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a differences file", () => {
  it("holds every difference, one a line, and values only where they were asked for", async () => {
    for (const showValues of [false, true]) {
      const failures: OperationalError[] = [];
      const sink = new DifferencesFile(file("d.jsonl"), showValues, (error) => failures.push(error));
      for (let index = 0; index < 5_000; index += 1) await sink.take(difference({ rowKey: `${index}\n` }));
      expect(await sink.close()).toBeUndefined();
      const lines = readFileSync(file("d.jsonl"), "utf8").trimEnd().split("\n");
      expect(lines).toHaveLength(5_000);
      expect(JSON.parse(lines[4_999] ?? "")).toEqual({
        table: "Cities", destinationTable: "Cities", class: "different", partitionKey: "DE", rowKey: "4999\n",
        properties: [{
          name: "population",
          source: { type: "Edm.Int64", ...(showValues && { value: "3426354" }) },
          destination: { type: "Edm.Int32", ...(showValues && { value: "3426354" }) },
        }],
      });
      expect(failures).toEqual([]);
    }
  });

  it("takes its place whole: until then an earlier list stays, and a run that dies leaves nothing behind", async () => {
    writeFileSync(file("d.jsonl"), "earlier\n");
    const sink = new DifferencesFile(file("d.jsonl"), false, () => undefined);
    for (let index = 0; index < 5_000; index += 1) await sink.take(difference({ rowKey: String(index) }));
    // A process that is killed now leaves what is here.
    expect(readdirSync(folder)).toEqual(["d.jsonl"]);
    expect(readFileSync(file("d.jsonl"), "utf8")).toBe("earlier\n");
    expect(await sink.close()).toBeUndefined();
    expect(readFileSync(file("d.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(5_000);
    expect(readdirSync(folder)).toEqual(["d.jsonl"]);
  });

  it("says so when it cannot take its place, and leaves nothing behind", async () => {
    mkdirSync(file("folder"));
    const failures: OperationalError[] = [];
    const sink = new DifferencesFile(file("folder/d.jsonl"), false, (error) => failures.push(error));
    await sink.take(difference());
    mkdirSync(file("folder/d.jsonl"));
    expect(await sink.close()).toMatchObject({ code: "FileNotWritten" });
    expect(failures).toHaveLength(1);
    expect(readdirSync(file("folder"))).toEqual(["d.jsonl"]);
  });

  it("goes into a pipe line by line", async () => {
    execFileSync("mkfifo", [file("pipe")]);
    const read = readFile(file("pipe"), "utf8");
    const sink = new DifferencesFile(file("pipe"), false, () => undefined);
    await sink.take(difference());
    expect(await sink.close()).toBeUndefined();
    expect((await read).split("\n")).toHaveLength(2);
    expect(lstatSync(file("pipe")).isFIFO()).toBe(true);
  });

  it("makes the run wait for the disk", async () => {
    const sink = new DifferencesFile(file("d.jsonl"), false, () => undefined);
    const big = difference({ rowKey: "x".repeat(100_000) });
    let resumed = false;
    const taken = sink.take(big).then(() => {
      resumed = true;
    });
    await Promise.resolve();
    expect(resumed).toBe(false);
    await taken;
    expect(await sink.close()).toBeUndefined();
  });

  const full = existsSync("/dev/full") ? it : it.skip;
  full("fails the run at once when the disk is full, for everyone who waits on it", async () => {
    const failures: OperationalError[] = [];
    const sink = new DifferencesFile("/dev/full", false, (error) => failures.push(error));
    const write = async () => {
      for (let index = 0; index < 1_000; index += 1) await sink.take(difference({ rowKey: "x".repeat(10_000) }));
    };
    const results = await Promise.allSettled([write(), write(), write()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: "FileNotWritten" });
    expect(failures[0]?.message).toMatch(/\/dev\/full cannot be written \(ENOSPC/);
    // Whoever comes later is told the same, and does not wait for a drain that never comes.
    await expect(sink.take(difference())).rejects.toBe(failures[0]);
    expect(await sink.close()).toBe(failures[0]);
  });

  full("notices a disk that is full from the first line on", async () => {
    const sink = new DifferencesFile("/dev/full", false, () => undefined);
    await expect(sink.take(difference())).rejects.toMatchObject({ code: "FileNotWritten" });
    expect(await sink.close()).toMatchObject({ code: "FileNotWritten" });
  });
});

describe("credentials in the environment", () => {
  it("come from a variable or from a file, never from both or neither", async () => {
    writeFileSync(file("secret"), "AccountName=x");
    const read = (environment: Readonly<Record<string, string>>) => credentialFromEnvironment(environment, "source");
    expect(await read({ LANDBRIDGE_SOURCE: "text" })).toEqual({ text: "text", origin: "LANDBRIDGE_SOURCE" });
    expect(await read({ LANDBRIDGE_SOURCE_FILE: file("secret") })).toEqual({
      text: "AccountName=x", origin: `LANDBRIDGE_SOURCE_FILE (${file("secret")})`,
    });
    const both = { LANDBRIDGE_SOURCE: "text", LANDBRIDGE_SOURCE_FILE: file("secret") };
    await expect(read(both)).rejects.toThrow(/are both set/);
    await expect(read({})).rejects.toThrow(/LANDBRIDGE_SOURCE is not set.*LANDBRIDGE_SOURCE_FILE/);
    await expect(read({ LANDBRIDGE_SOURCE: "" })).rejects.toThrow(/is not set/);
    const gone = read({ LANDBRIDGE_SOURCE_FILE: file("gone") });
    await expect(gone).rejects.toThrow(/gone, which cannot be read \(ENOENT/);
    await expect(read({ LANDBRIDGE_SOURCE_FILE: folder })).rejects.toThrow(/EISDIR/);
  });
});
