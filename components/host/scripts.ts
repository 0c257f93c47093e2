import { BUNDLED_PROGRAM } from "./bundle";

/*
 * What runs on a host, as POSIX shell. Everything that varies is quoted, and nothing here is a secret: a host's other
 * users can read command lines, and Pulumi keeps and prints them.
 */

/** Where and with what the scripts work. */
export interface HostPlace {
  /** Relative to the user's home, or absolute. */
  readonly folder: string;
  /** The program `node`: a name on the PATH, or a path. */
  readonly node: string;
}

export interface HostRun extends HostPlace {
  /** The archive's name in the folder. */
  readonly archive: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Tells runs apart: names the folder of this one. */
  readonly runId: string;
  readonly step: "copy" | "verify";
  /** Arguments of `landbridge`, the command first. */
  readonly args: readonly string[];
  /** Addresses of the two secrets in a vault; absent: both credentials come on standard input. */
  readonly vault?: { readonly source: string; readonly destination: string };
  /** The managed identity that reads the vault, where the host has several. */
  readonly clientId?: string;
}

/** Marks a folder as ours: no other one is ever removed. */
const MARKER = ".landbridge-host";
/** Oldest Node that landbridge runs on (package.json, engines). */
const NODE_MIN = [20, 18] as const;
/** Codes of `landbridge` after which there may be a report: done, different, unfinished. */
const WITH_REPORT = "0|1|3";

/** One word for a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same for whatever shell the user logs in with: only `sh` reads the script. */
function forAnyShell(lines: readonly string[]): string {
  return `exec /bin/sh -c ${quoted(lines.join("\n"))}`;
}

/** How every script begins. */
export const PREAMBLE: readonly string[] = [
  "set -eu",
  "umask 077",
  'refuse() { echo "landbridge: $1" >&2; exit 1; }',
];

const HASH = 'const h=require("crypto").createHash("sha256");h.update(require("fs").readFileSync(process.argv[1]));'
  + 'process.stdout.write(h.digest("hex"))';

/** Makes the folder, readable by nobody else, and sees whether Node is there and new enough. Prints its version. */
export function prepareScript({ folder, node }: HostPlace): string {
  const [major, minor] = NODE_MIN;
  const isOld = `const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>${major}||a===${major}&&`
    + `b>=${minor}?0:1)`;
  const remedy = `Install Node ${major}.${minor} or later, or say where it is (host.node).`;
  return forAnyShell([
    ...PREAMBLE,
    `dir=${quoted(folder)} node=${quoted(node)}`,
    `command -v "$node" >/dev/null 2>&1 || refuse "there is no $node on this host. ${remedy}"`,
    `"$node" -e '${isOld}' </dev/null || refuse "$node is version $("$node" -v). ${remedy}"`,
    'if [ -L "$dir" ] || { [ -e "$dir" ] && [ ! -f "$dir/' + MARKER + '" ]; }; then',
    '  refuse "$dir is there already, and is not ours. Remove it, or name another folder (host.folder)."',
    "fi",
    'mkdir -p "$dir"',
    'chmod 700 "$dir"',
    `: > "$dir/${MARKER}"`,
    'echo "node $("$node" -v)"',
  ]);
}

/** Removes all that was brought and made; fine where it is gone. */
export function removeScript({ folder }: Pick<HostPlace, "folder">): string {
  return forAnyShell([
    ...PREAMBLE,
    `dir=${quoted(folder)}`,
    `if [ -f "$dir/${MARKER}" ] && [ ! -L "$dir" ]; then rm -rf "$dir"; fi`,
  ]);
}

function checkedArchive({ archive, sha256 }: HostRun): readonly string[] {
  return [
    // The copy is checked and used: what changes in between changes something else.
    `cp "$dir"/${quoted(archive)} "$work/bundle.tar"`,
    `sha256=$("$node" -e '${HASH}' "$work/bundle.tar" </dev/null)`,
    `[ "$sha256" = ${sha256} ] || refuse "the bundle has sha256 $sha256, and ${sha256} was sent: it was changed on the `
      + 'way or on this host. Nothing of it was run. Find out by whom, remove $dir, and run again."',
    'tar -xf "$work/bundle.tar" -C "$work" </dev/null',
  ];
}

function credentials({ vault, clientId }: HostRun): { readonly before: string; readonly from: string } {
  if (vault === undefined) return { before: "", from: " --credentials stdin" };
  const variables = {
    LANDBRIDGE_SOURCE_VAULT: vault.source,
    LANDBRIDGE_DESTINATION_VAULT: vault.destination,
    ...(clientId === undefined ? {} : { AZURE_CLIENT_ID: clientId }),
  };
  const set = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)} `);
  return { before: set.join(""), from: "" };
}

/**
 * Runs one command of landbridge in a folder that is gone afterwards, with the archive checked first. Standard output
 * is one JSON object, `{step, run, exitCode, report}`; everything for people goes to standard error. A copy that is not
 * complete fails. A verification fails where it made no report; what the report says is its reader's to judge.
 */
export function runLines(run: HostRun): readonly string[] {
  const { folder, node, runId, step, args } = run;
  const { before, from } = credentials(run);
  const command = `${before}"$node" "$work/${BUNDLED_PROGRAM}" ${args.map(quoted).join(" ")}${from}`;
  return [
    ...PREAMBLE,
    `dir=${quoted(folder)} node=${quoted(node)}`,
    `work="$dir/"${quoted(`run-${runId}-${step}`)}`,
    `trap 'rm -rf "$work"' EXIT`,
    "trap 'exit 130' HUP INT TERM",
    'mkdir "$work"',
    ...checkedArchive(run),
    "code=0",
    `${command} --report "$work/report.json" >&2 || code=$?`,
    ...(step === "verify" ? [] : ['[ "$code" = 0 ] || exit "$code"']),
    `case "$code" in ${WITH_REPORT}) ;; *) exit "$code" ;; esac`,
    '[ -s "$work/report.json" ] || refuse "landbridge ended with $code and made no report: nothing is known."',
    `printf '{"step":"${step}","run":"%s","exitCode":%s,"report":' ${quoted(runId)} "$code"`,
    'cat "$work/report.json"',
    "printf '}'",
  ];
}

/** As `runLines`, for an SSH session. */
export function runScript(run: HostRun): string {
  return forAnyShell(runLines(run));
}
