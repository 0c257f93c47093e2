import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { fields, project, step } from "./rules";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "landbridge-workflows-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the comment on a pull request", () => {
  interface Comment {
    readonly id: number;
    readonly user: { readonly type: string };
    readonly body: string;
  }

  const script = () => String(fields(step("preview", "comment", (one) => "env" in one)["with"])["script"]);

  /** Runs the script as the action does, against a pull request in memory. */
  async function comment(previews: Readonly<Record<string, string>>, before: readonly Comment[], result = "success") {
    for (const [stack, text] of Object.entries(previews)) {
      mkdirSync(join(folder, "previews", `preview-${stack}`), { recursive: true });
      writeFileSync(join(folder, "previews", `preview-${stack}`, "preview.txt"), text);
    }
    writeFileSync(join(folder, "script.js"), `module.exports = async (github, context) => {${script()}}`);
    writeFileSync(join(folder, "run.js"), `
      const comments = ${JSON.stringify(before)};
      const issues = {
        listComments: "list",
        updateComment: async ({ comment_id: id, body }) => { comments.find((one) => one.id === id).body = body; },
        createComment: async ({ issue_number, body }) => { comments.push({ id: issue_number, body }); },
      };
      const github = { rest: { issues }, paginate: async (what) => (what === "list" ? comments : []) };
      const context = { repo: { owner: "contoso", repo: "tables" }, issue: { number: 7 } };
      require("./script.js")(github, context).then(() => process.stdout.write(JSON.stringify(comments)));
    `);
    const env = { ...process.env, RESULT: result };
    const text = execFileSync(process.execPath, ["run.js"], { cwd: folder, env, encoding: "utf8" });
    return JSON.parse(text) as readonly Comment[];
  }

  it("shows what every stack would do", async () => {
    const [only, ...more] = await comment({ prod: "+ 26 to create", test: "no changes" }, []);
    expect(more).toEqual([]);
    expect(only?.body).toMatch(/### Stack prod\n\n```text\n\+ 26 to create\n```\n\n### Stack test/);
  });

  it("takes the place of the one before, and of nobody else's", async () => {
    const before = [
      { id: 1, user: { type: "User" }, body: "<!-- landbridge preview --> quoted by a person" },
      { id: 2, user: { type: "Bot" }, body: "<!-- landbridge preview -->\nold" },
    ];
    const after = await comment({ prod: "new" }, before);
    expect(after).toHaveLength(2);
    expect(after[0]?.body).toBe(before[0]?.body);
    expect(after[1]?.body).toContain("new");
  });

  it("says so when the preview failed, even where it left nothing", async () => {
    const [only] = await comment({}, [], "failure");
    expect(only?.body).toContain("The preview failed.");
  });

  it("lets no text break out of its frame, and stays within what a comment holds", async () => {
    const [only] = await comment({ prod: `${"x".repeat(70_000)}\n\`\`\`\`\n@everybody` }, []);
    expect(only?.body.length).toBeLessThan(65_536);
    expect(only?.body).toMatch(/\n`{5}text\n[^]*\n````\n@everybody\n`{5}$/);
  });
});

describe("the preview that is approved", () => {
  const script = () => String(step("up", "preview", (one) => one["name"] === "Preview")["run"]);

  function preview(operation: string, exitCode: number) {
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho "pulumi $*"\nexit ${exitCode}\n`, { mode: 0o755 });
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "");
    const env = {
      PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
      STACK: "prod",
      OPERATION: operation,
      GITHUB_STEP_SUMMARY: summary,
    };
    const { status } = spawnSync("bash", ["-e", "-c", script()], { cwd: folder, env, encoding: "utf8" });
    return { status, summary: readFileSync(summary, "utf8") };
  }

  it.each([
    ["up", "pulumi preview --stack prod"],
    ["refresh", "pulumi refresh --preview-only --stack prod"],
  ])("of %s changes nothing, and stands in the summary", (operation, command) => {
    const { status, summary } = preview(operation, 0);
    expect(status).toBe(0);
    expect(summary).toContain(command);
    expect(summary.endsWith("~~~~\n")).toBe(true);
  });

  it("fails where the preview fails, so that nobody is asked to approve it", () => {
    expect(preview("up", 255).status).toBe(255);
  });
});

describe("what a stack's state is held to", () => {
  const HOUR_MS = 3_600_000;
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

  /** Runs a step's script beside a `pulumi` that prints this state, and tells what it was asked to do. */
  function run(workflow: string, job: string, name: string, state: unknown, env: Readonly<Record<string, string>>) {
    const asked = join(folder, "asked.txt");
    const script = `#!/bin/sh
echo "pulumi $*" >> "${asked}"
case "$*" in "stack export"*) cat "${join(folder, "printed.json")}" ;; esac
`;
    writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
    writeFileSync(join(folder, "printed.json"), JSON.stringify(state));
    mkdirSync(join(folder, "bin"), { recursive: true });
    const program = JSON.stringify(join(project, "bin", "landbridge.js"));
    writeFileSync(join(folder, "bin", "landbridge.js"), `require(${program});`);
    const summary = join(folder, "summary.md");
    for (const file of [summary, asked]) writeFileSync(file, "");
    const text = String(step(workflow, job, (one) => one["name"] === name)["run"]);
    const { status, stdout } = spawnSync("bash", ["-e", "-c", text], {
      cwd: folder,
      env: {
        PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`, STACK: "prod", GITHUB_STEP_SUMMARY: summary, ...env,
      },
      encoding: "utf8",
    });
    return { status, stdout, summary: readFileSync(summary, "utf8"), asked: readFileSync(asked, "utf8") };
  }

  function resource(kind: string, outputs: object) {
    const type = `pulumi-nodejs:dynamic/landbridge:${kind}`;
    return { urn: `urn:pulumi:prod::landbridge::${type}::migration-${kind}`, type, outputs };
  }

  const stateOf = (...resources: readonly object[]) =>
    ({ version: 3, deployment: { manifest: {}, resources, pending_operations: [] } });
  const proven = (outputs: object) => stateOf(
    resource("TableCopy", { complete: true, runId: "run-1" }),
    resource("TableVerification", { verdict: "equal", level: "full", afterRun: "run-1", ...outputs }),
  );
  const brought = (outputs: object) => stateOf(resource("HostReport", { verdict: "equal", level: "full", ...outputs }));

  const told = (withoutProof: string) => ({ HOURS: "24", WITHOUT_PROOF: withoutProof });
  const check = (state: unknown, withoutProof = "") => run("teardown", "check", "Check", state, told(withoutProof));
  const destroy = (state: unknown, withoutProof = "") =>
    run("teardown", "destroy", "Destroy", state, told(withoutProof));

  it("lets a teardown go on where both sides were proven equal a while ago", () => {
    const state = proven({ verifiedAt: at(-23) });
    const { status, asked, summary } = check(state);
    expect(status).toBe(0);
    expect(asked).toContain("pulumi destroy --preview-only");
    expect(summary).toContain("The stack is as it should be.");
    expect(destroy(state).asked).toContain("pulumi destroy --yes");
  });

  it("stops it without a fresh proof before anything is asked of Pulumi, and once more after the approval", () => {
    const old = proven({ verifiedAt: at(-25) });
    const { status, stdout, summary, asked } = check(old);
    expect(status).toBe(1);
    for (const text of [stdout, summary]) expect(text).toMatch(/The proof is of .*, 25\.\d h ago, and may be 24 h old/);
    expect(asked).not.toContain("destroy");
    const later = destroy(old);
    expect([later.status, later.asked]).toEqual([1, expect.not.stringContaining("destroy")]);
  });

  it("stops it on what is no state, such as a stack's outputs, whoever says that it may do without a proof", () => {
    expect(check({ verdict: "equal", verifiedAt: at(-1) }, "prod").status).toBe(2);
    expect(destroy({ verdict: "equal", verifiedAt: at(-1) }, "prod").asked).not.toContain("destroy");
  });

  it("does without a proof for who writes the stack's name once more, and says so", () => {
    const different = proven({ verdict: "different" });
    const { status, summary, asked } = check(different, "prod");
    expect(status).toBe(0);
    expect(summary).toContain("Torn down without a proof, as told.");
    expect(asked).toContain("pulumi destroy --preview-only");
    expect(destroy(different, "prod").asked).toContain("pulumi destroy --yes");
    expect(check(different, "production").status).toBe(1);
    expect(destroy(different, "production").status).toBe(1);
  });

  it.each([
    ["that ends soon", stateOf(resource("TableSas", { expiresOn: at(5) })), 1, /ends at .*, in [45]\.\d h\. Run `up`/],
    ["that is closed", proven({}), 0, /as it should be/],
  ])("watches access %s", (_name, state, expected, said) => {
    const { status, stdout } = run("watch", "access", "Watch", state, { HOURS: "24" });
    expect(status).toBe(expected);
    expect(stdout).toMatch(said);
    expect(stdout.includes("::error title=Access to prod::Temporary access is open")).toBe(expected === 1);
  });

  it("shows why a state could not be looked at, where whoever watches looks", () => {
    const { status, stdout } = run("watch", "access", "Watch", {}, { HOURS: "24" });
    expect(status).toBe(2);
    expect(stdout).toMatch(/::error title=Access to prod::Error: state.json holds no stack's state\. Give what/);
  });

  it("proves once more, and touches nothing else", () => {
    const verify = (state: unknown) => run("verify", "verify", "Verify", state, { RUN: "77-1" });
    const { status, asked } = verify(proven({ verifiedAt: at(0), level: "count" }));
    expect(status).toBe(0);
    expect(asked).toMatch(/^pulumi up .*--target \*\*TableVerification\*\* --config landbridge:verifyAgain=77-1\n/);
    expect(asked.match(/pulumi (?!stack export)/g)).toHaveLength(1);
    // What is not there cannot be targeted, and Pulumi says nothing of it.
    expect(verify(brought({ verifiedAt: at(-5) })).status).toBe(1);
  });
});
