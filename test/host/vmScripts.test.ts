import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { buildHostBundle } from "../../components/host/bundle";
import { installScript, stepScript, type Brought } from "../../components/host/vmScripts";

const TOKEN = "eyJ-the-token";

/** Answers as the metadata service and as a storage account; keeps what other users would see of it. */
const CURL = `#!/bin/sh
echo "$@" >> "$WORLD/seen"
for last; do :; done
case "$*" in
  *169.254.169.254*) echo '{"access_token":"${TOKEN}","client_id":"client-1"}'; exit 0 ;;
esac
case "$*" in
  *"-K -"*) grep -q "Bearer ${TOKEN}" || exit 22 ;;
esac
if [ -f "$WORLD/not-yet" ]; then rm "$WORLD/not-yet"; exit 22; fi
while [ "$1" != -o ]; do shift; done
cp "$WORLD/served/$(basename "$last")" "$2"
`;

describe("what a machine is told", () => {
  let world: string;
  let there: string;
  let bundle: Brought;
  let node: Brought;
  let archive: string;

  const hash = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  const program = (name: string, text: string) => {
    writeFileSync(join(world, "bin", name), text);
    chmodSync(join(world, "bin", name), 0o755);
  };
  /** In a folder of the test's own instead of the machine's. */
  const run = (script: string) => spawnSync("/bin/sh", ["-c", script.replaceAll("/var/lib/landbridge", there)], {
    encoding: "utf8",
    env: { PATH: `${join(world, "bin")}:${process.env["PATH"] ?? ""}`, WORLD: world },
  });

  beforeEach(() => {
    world = mkdtempSync(join(tmpdir(), "landbridge-machine-"));
    there = join(world, "there");
    mkdirSync(join(world, "bin"));
    mkdirSync(join(world, "served"));
    program("curl", CURL);
    program("sleep", "#!/bin/sh\nexit 0\n");
    const made = buildHostBundle(join(world, "served"));
    archive = basename(made.file);
    mkdirSync(join(world, "node-v20", "bin"), { recursive: true });
    const wrapper = join(world, "node-v20", "bin", "node");
    writeFileSync(wrapper, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
    chmodSync(wrapper, 0o755);
    execFileSync("tar", ["-czf", join(world, "served", "node.tar.gz"), "-C", world, "node-v20"]);
    const base = "https://landbridgehost1.blob.core.windows.net/landbridge";
    bundle = { name: archive, url: `${base}/${archive}`, sha256: made.sha256, signedIn: true };
    const nodeHash = hash(join(world, "served", "node.tar.gz"));
    node = { name: "node.tar.gz", url: `${base}/node.tar.gz`, sha256: nodeHash, signedIn: true };
  });
  afterEach(() => rmSync(world, { recursive: true, force: true }));

  it("brings landbridge and Node as itself, waits for its role, and shows the token on no command line", () => {
    writeFileSync(join(world, "not-yet"), "");
    const { status, stdout, stderr } = run(installScript({ clientId: "client-1", bundle, node }));
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`node ${process.version}\n`);
    const seen = readFileSync(join(world, "seen"), "utf8");
    expect(seen).not.toContain(TOKEN);
    expect(seen).toContain("client_id=client-1");
  });

  it("installs nothing that has another hash than was told", () => {
    const other = { ...node, sha256: "0".repeat(64) };
    const { status, stderr } = run(installScript({ clientId: "client-1", bundle, node: other }));
    expect(status).toBe(1);
    expect(stderr).toMatch(/node\.tar\.gz has sha256 [0-9a-f]{64}, and 0{64} was to come/);
    expect(existsSync(join(there, "node"))).toBe(false);
  });

  it("gives up with a reason where its identity is never let in", () => {
    program("curl", "#!/bin/sh\nexit 22\n");
    const { status, stderr } = run(installScript({ clientId: "client-1", bundle, node }));
    expect([status, stderr]).toEqual([1, expect.stringContaining("cannot be read with this machine's identity")]);
  });

  it("fails the command where the copy fails, and leaves nothing of it, or of one that was cut off", () => {
    run(installScript({ clientId: "client-1", bundle, node }));
    mkdirSync(join(there, "run-20260101-copy"));
    const vault = { source: "https://evil.test/secrets/source", destination: "https://evil.test/secrets/d" };
    const step = stepScript({
      archive, sha256: bundle.sha256, runId: "1", step: "copy", args: ["copy", "--all"], vault, clientId: "client-1",
    });
    const { status, stdout, stderr } = run(step);
    expect(status).not.toBe(0);
    expect(stdout).toBe("");
    // The program itself ran, and read its references.
    expect(stderr).toContain("LANDBRIDGE_SOURCE_VAULT");
    expect(readdirSync(there).filter((name) => name.startsWith("run-"))).toEqual([]);
  });
});
