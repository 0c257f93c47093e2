/**
 * `npm test`: lint, types and every suite that needs no cloud. Ends with a line `N passed, N failed`; exits 1 on any
 * failure. Arguments go to jest: `npm test -- test/engine`.
 */
const { spawn, spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const { project, setUp } = require("./setUp");

setUp();

function run(name, args) {
  process.stdout.write(`\n== ${name}\n`);
  const { status, error } = spawnSync(process.execPath, args, { cwd: project, stdio: "inherit" });
  if (error) throw error;
  return status === 0;
}

/** As `run`, beside others: what it prints is shown once it has ended. */
function runBeside(name, args) {
  return new Promise((ended) => {
    const child = spawn(process.execPath, args, { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => printed.push(data));
    child.once("error", (error) => printed.push(Buffer.from(`${error.message}\n`)));
    child.once("close", (status) => {
      process.stdout.write(`\n== ${name}\n${Buffer.concat(printed).toString("utf8")}`);
      ended(status === 0);
    });
  });
}

function bin(packageName, path) {
  return join(project, "node_modules", packageName, path);
}

/** Lint and types, side by side: one processor each. */
function checkSources() {
  process.stdout.write("\nlint and types, side by side\n");
  return Promise.all([
    runBeside("lint", [bin("eslint", "bin/eslint.js"), "."]),
    runBeside("types", [bin("typescript", "bin/tsc"), "-p", "."]),
  ]);
}

/** All suites, or those that were named: how many tests passed, failed and were skipped. */
function runSuites(jestArgs) {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-test-"));
  const file = join(folder, "jest.json");
  const ok = run("suites", [bin("jest", "bin/jest.js"), "--json", `--outputFile=${file}`, ...jestArgs]);
  try {
    const summary = JSON.parse(readFileSync(file, "utf8"));
    const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites + (summary.numTotalTests === 0 ? 1 : 0);
    const { numPassedTests: passed, numPendingTests: skipped } = summary;
    // Whatever made jest say no (a leak, a missing suite) without a failed test is a failure all the same.
    return { passed, failed: ok ? failed : Math.max(1, failed), skipped };
  } catch (error) {
    process.stderr.write(`The suites left no result that can be read (${error.message}).\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(jestArgs) {
  const checks = jestArgs.length === 0 ? await checkSources() : [];
  const suites = runSuites(jestArgs);
  const passed = suites.passed + checks.filter((ok) => ok).length;
  const failed = suites.failed + checks.filter((ok) => !ok).length;
  const skipped = suites.skipped > 0 ? `, ${suites.skipped} skipped` : "";
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main(process.argv.slice(2));
