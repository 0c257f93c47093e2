import { PREAMBLE, quoted, runLines, type HostRun } from "./scripts";

/*
 * What a machine is told by run commands, as POSIX shell. No secret is in any of it: Azure keeps the scripts, and shows
 * them to whoever may read the machine. Credentials are in the vault, which the machine reads by its identity.
 */

/** Where everything is, on a machine that does nothing else. */
const FOLDER = "/var/lib/landbridge";
const NODE = `${FOLDER}/node/bin/node`;
const ROLE_TRIES = 40;
const ROLE_WAIT_SECONDS = 15;

export interface Brought {
  /** Name in the machine's folder. */
  readonly name: string;
  /** Where it is fetched from. */
  readonly url: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** Whether the identity's token is sent along: to our own account only. */
  readonly signedIn: boolean;
}

export interface InstallArgs {
  readonly clientId: string;
  readonly bundle: Brought;
  readonly node: Brought;
}

/** Fetched to a name of its own, checked, and only then given its name. */
function fetched({ name, url, sha256, signedIn }: Brought): readonly string[] {
  return [
    `${signedIn ? "signed_in" : "openly"} ${quoted(url)} "$dir/fetched"`,
    'actual=$(sha256sum "$dir/fetched" | cut -d " " -f 1)',
    `[ "$actual" = ${sha256} ] || refuse "${name} has sha256 $actual, and ${sha256} was to come: it was changed on the `
      + 'way, or the configuration names another file. Nothing of it was run."',
    `mv "$dir/fetched" "$dir"/${quoted(name)}`,
  ];
}

/** Brings landbridge and Node, each checked by its hash; prints Node's version. */
export function installScript({ clientId, bundle, node }: InstallArgs): string {
  const resource = "https%3A%2F%2Fstorage.azure.com%2F";
  const metadata = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
    + `&resource=${resource}&client_id=${encodeURIComponent(clientId)}`;
  return [
    "#!/bin/sh",
    ...PREAMBLE,
    `dir=${quoted(FOLDER)}`,
    'mkdir -p "$dir"',
    'openly() { curl -fsSL --proto =https --retry 5 -o "$2" "$1"; }',
    "# A role may take minutes to be known everywhere. The token goes over standard input, on no command line.",
    "signed_in() {",
    "  tries=0",
    "  while :; do",
    `    token=$(curl -fsS --noproxy '*' -H Metadata:true ${quoted(metadata)} \\`,
    `      | sed -n 's/.*"access_token":"\\([^"]*\\)".*/\\1/p') || token=`,
    '    if [ -n "$token" ] && printf \'header = "Authorization: Bearer %s"\\n\' "$token" \\',
    `      | curl -fsS --proto =https -K - -H 'x-ms-version: 2021-12-02' -o "$2" "$1"; then return 0; fi`,
    "    tries=$((tries + 1))",
    `    [ "$tries" -lt ${ROLE_TRIES} ] || refuse "$1 cannot be read with this machine's identity."`,
    `    sleep ${ROLE_WAIT_SECONDS}`,
    "  done",
    "}",
    ...fetched(bundle),
    ...fetched(node),
    'rm -rf "$dir/node"',
    'mkdir "$dir/node"',
    `tar -xzf "$dir"/${quoted(node.name)} -C "$dir/node" --strip-components=1`,
    `echo "node $(${quoted(NODE)} -v)"`,
    "",
  ].join("\n");
}

/** One step of the move. The folder of a run that was cut off (a machine that was shut down) is gone first. */
export function stepScript(run: Omit<HostRun, "folder" | "node">): string {
  const lines = runLines({ ...run, folder: FOLDER, node: NODE });
  return ["#!/bin/sh", `rm -rf ${FOLDER}/run-*`, ...lines, ""].join("\n");
}
