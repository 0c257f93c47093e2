import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { complaints, fields, parse, project, read, stepsOf, workflow, wrongStep } from "./rules";

const WORKFLOWS = ".github/workflows";
const files = readdirSync(join(project, WORKFLOWS)).map((file) => `${WORKFLOWS}/${file}`);

/** actionlint on PATH, or where `go install` puts it. */
function actionlint(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), join(homedir(), "go", "bin")];
  return folders.map((folder) => join(folder, "actionlint")).find((file) => existsSync(file));
}

describe("the workflows", () => {
  it("are those that the docs speak of", () => {
    const names = ["ci", "preview", "teardown", "up", "verify", "watch"];
    expect(files.sort()).toEqual(names.map((name) => `${WORKFLOWS}/${name}.yml`));
  });

  it.each(files)("give no more rights than needed, and run nothing that a stranger wrote: %s", (file) => {
    expect(complaints(parse(read(file)))).toEqual([]);
  });

  it("prepare a move with pinned actions, and no expression inside a script", () => {
    const runs = fields(parse(read(".github/actions/prepare/action.yml"))["runs"]);
    expect(stepsOf(runs)).not.toHaveLength(0);
    expect(stepsOf(runs).flatMap(wrongStep)).toEqual([]);
    expect(stepsOf(runs).filter((one) => one["run"] !== undefined && one["shell"] === undefined)).toEqual([]);
  });

  it("would be found out by these checks if they did otherwise", () => {
    const bad = parse(`
on: [pull_request]
permissions: {contents: write}
jobs:
  lax:
    needs: [nobody]
    permissions: {id-token: write, pull-requests: write, actions: write}
    steps:
      - uses: actions/checkout@main
      - uses: stranger/thing@v1
      - uses: ./.github/actions/nowhere
      - run: echo \${{ github.event.pull_request.title }} \$TOKEN
        env: {TOKEN: "\${{ secrets.TOKEN }}"}
`);
    const found = complaints({ ...bad, on: { pull_request: null, pull_request_target: null } }).join("\n");
    for (const complaint of [
      "pull_request_target runs with secrets",
      "every job is given a permission to write",
      "lax writes actions",
      "lax writes to pull requests and runs their code",
      "lax gets an identity outside of an environment",
      "lax gets secrets outside of an environment",
      "actions/checkout@main is pinned neither",
      "a checkout leaves its token behind",
      "stranger/thing@v1 belongs to somebody",
      "./.github/actions/nowhere is not there",
      "an expression inside a script",
      "job lax may run for six hours",
      "two runs of job lax may meet",
      "job lax needs nobody",
      "job lax trusts the pull requests of forks",
    ]) {
      expect(found).toContain(complaint);
    }
  });

  it("run commands that are there", () => {
    const scripts = Object.keys(fields(JSON.parse(read("package.json"))["scripts"]));
    const text = files.map(read).join("\n");
    const named = [...text.matchAll(/npm (?:run )?(\w+)/g)].map(([, name]) => name ?? "");
    const used = named.filter((name) => name !== "ci");
    expect(used).not.toHaveLength(0);
    expect(used.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it("wait for an approval before anything is applied, after a preview that nobody need approve", () => {
    const jobs = fields(workflow("up")["jobs"]);
    expect(fields(jobs["apply"])).toMatchObject({ needs: "preview", environment: "${{ matrix.stack }}" });
    expect(fields(jobs["preview"])).toMatchObject({ environment: "preview-${{ matrix.stack }}" });
    // What runs must not be cut off half-way by the next push.
    expect(fields(fields(jobs["apply"])["concurrency"])).toMatchObject({ "cancel-in-progress": false });
  });

  it("tear nothing down but by hand, behind the check that both sides were proven equal, and an approval", () => {
    expect(Object.keys(fields(workflow("teardown")["on"]))).toEqual(["workflow_dispatch"]);
    expect(fields(fields(workflow("teardown")["jobs"])["destroy"]))
      .toMatchObject({ needs: "check", environment: "${{ inputs.stack }}" });
    const elsewhere = files.filter((file) => !file.endsWith("teardown.yml")).map(read);
    expect(elsewhere.filter((text) => text.includes("destroy"))).toEqual([]);
  });

  const lint = actionlint();
  (lint === undefined ? it.skip : it)("pass actionlint, where it is installed", () => {
    const { status, stdout } = spawnSync(lint ?? "", ["-no-color"], { cwd: project, encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
