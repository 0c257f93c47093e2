/**
 * Installs what package-lock.json says, once per lock file. Needs nothing but Node: it runs before anything is there.
 */
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const { buildKernel } = require("./buildKernel");

const project = join(__dirname, "..");
const stamp = join(project, "node_modules", ".landbridge-installed");

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 18)) return;
  throw new Error(`Node ${process.versions.node} is too old for landbridge: install Node 20.18 or newer.`);
}

/** Runs `npm ci` unless it already ran for this lock file and this version of Node. */
function install() {
  const lock = readFileSync(join(project, "package-lock.json"));
  const wanted = `${createHash("sha256").update(lock).digest("hex")} ${process.versions.node}`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("Installing dependencies (npm ci), once.\n");
  // npm tells its children where it is; outside npm, the one on PATH serves.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  execFileSync(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: project,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(stamp, wanted);
}

function setUp() {
  requireNode();
  install();
  // `npm ci` has built the kernel, unless it was told to run no scripts; changes of its source since are built here.
  buildKernel();
}

module.exports = { setUp, project };
