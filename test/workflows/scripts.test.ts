import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { fields, step } from "./rules";

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
    ["destroy", "pulumi destroy --preview-only --stack prod"],
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
