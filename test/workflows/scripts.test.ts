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

describe("what a stack's outputs are held to", () => {
  const HOUR_MS = 3_600_000;
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

  /** Runs a step's script beside a `pulumi` that prints these outputs, and tells what it was asked to do. */
  function run(workflow: string, job: string, name: string, outputs: object, env: Readonly<Record<string, string>>) {
    const asked = join(folder, "asked.txt");
    const script = `#!/bin/sh
echo "pulumi $*" >> "${asked}"
case "$*" in "stack output"*) cat "${join(folder, "printed.json")}" ;; esac
`;
    writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
    writeFileSync(join(folder, "printed.json"), JSON.stringify(outputs));
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

  const check = (outputs: object, withoutProof = "") =>
    run("teardown", "check", "Check", outputs, { HOURS: "24", WITHOUT_PROOF: withoutProof });

  it("lets a teardown go on where both sides were proven equal a while ago", () => {
    const { status, asked, summary } = check({ verdict: "equal", verifiedAt: at(-23) });
    expect(status).toBe(0);
    expect(asked).toContain("pulumi destroy --preview-only");
    expect(summary).toContain("The stack is as it should be.");
  });

  it.each([
    ["an old proof", { verdict: "equal", verifiedAt: at(-25) }, /The proof is of .*, 25\.0 h ago, and may be 24 h old/],
    ["a difference", { verdict: "different", verifiedAt: at(-1) }, /The verdict is "different", which is no proof/],
    ["a live move that is not drained", { verdict: "switched" }, /The verdict is "switched", which is no proof/],
    ["a proof without a time", { verdict: "equal", verifiedAt: "never" }, /Nothing says when/],
    ["a stack that was never applied", {}, /The stack has no verdict/],
    ["a proof of tomorrow", { verdict: "equal", verifiedAt: at(2) }, /still to come by this machine's clock/],
  ])("stops a teardown on %s, before anything is asked of Pulumi", (_name, outputs, told) => {
    const { status, stdout, summary, asked } = check(outputs);
    expect(status).toBe(1);
    expect(stdout).toMatch(told);
    expect(summary).toMatch(told);
    expect(asked).not.toContain("destroy");
  });

  it("stops it on outputs that cannot be read, whoever says that it may do without a proof", () => {
    expect(check({ verdict: 7 }, "prod").status).toBe(2);
  });

  it("does without a proof for who writes the stack's name once more, and says so", () => {
    const { status, summary, asked } = check({ verdict: "different" }, "prod");
    expect(status).toBe(0);
    expect(summary).toContain("Torn down without a proof, as told.");
    expect(asked).toContain("pulumi destroy --preview-only");
    expect(check({ verdict: "different" }, "production").status).toBe(1);
  });

  it.each([
    ["that ends soon", { accessExpiresOn: at(5) }, 1, /its tokens' time ends at .*, in [45]\.\d h\. Run `up`/],
    ["that has ended and was not torn down", { accessExpiresOn: at(-3) }, 1, /ended at .*, 3\.0 h ago/],
    ["with time enough", { accessExpiresOn: at(30) }, 0, /as it should be/],
    ["that is closed", { verdict: "equal" }, 0, /as it should be/],
  ])("watches access %s", (_name, outputs, expected, told) => {
    const { status, stdout } = run("watch", "access", "Watch", outputs, { HOURS: "24" });
    expect(status).toBe(expected);
    expect(stdout).toMatch(told);
    expect(stdout.includes("::error title=Access to prod::Temporary access is open")).toBe(expected === 1);
  });

  it("proves once more, and touches nothing else", () => {
    const { asked } = run("verify", "verify", "Verify", {}, { RUN: "77-1" });
    expect(asked).toMatch(/^pulumi up .*--target \*\*TableVerification\*\* --config landbridge:verifyAgain=77-1\n$/);
  });
});
