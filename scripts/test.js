/**
 * `npm test`: lint, types and every suite that needs no cloud. Ends with a line `N passed, N failed`; exits 1 on any
 * failure. Arguments go to jest: `npm test -- test/engine`.
 */
const { spawnSync } = require("node:child_process");
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

function bin(packageName, path) {
  return join(project, "node_modules", packageName, path);
}

const jestArgs = process.argv.slice(2);
const results = { passed: 0, failed: 0, skipped: 0 };
const count = (ok) => (results[ok ? "passed" : "failed"] += 1);

if (jestArgs.length === 0) {
  count(run("lint", [bin("eslint", "bin/eslint.js"), "."]));
  count(run("types", [bin("typescript", "bin/tsc"), "-p", "."]));
}

const folder = mkdtempSync(join(tmpdir(), "landbridge-test-"));
const file = join(folder, "jest.json");
const jestOk = run("suites", [bin("jest", "bin/jest.js"), "--json", `--outputFile=${file}`, ...jestArgs]);
try {
  const summary = JSON.parse(readFileSync(file, "utf8"));
  results.passed += summary.numPassedTests;
  results.failed += summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  results.skipped += summary.numPendingTests;
  // Whatever made jest say no (a leak, a missing suite) without a failed test is a failure all the same.
  if (!jestOk && results.failed === 0) results.failed += 1;
  if (summary.numTotalTests === 0) results.failed += 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const skipped = results.skipped > 0 ? `, ${results.skipped} skipped` : "";
process.stdout.write(`\n${results.passed} passed, ${results.failed} failed${skipped}\n`);
process.exit(results.failed === 0 ? 0 : 1);
