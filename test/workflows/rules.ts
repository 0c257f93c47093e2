import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument } from "yaml";

export const project = join(__dirname, "..", "..");

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

export function parse(text: string): Fields {
  const document = parseDocument(text, { uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return fields(document.toJS());
}

export function read(file: string): string {
  return readFileSync(join(project, file), "utf8");
}

export function stepsOf(job: Fields): readonly Fields[] {
  return list(job["steps"]).map(fields);
}

/** Whoever writes to these is trusted with what a job may do. */
const OWNERS = ["actions", "azure", "pulumi"];

function wrongAction(uses: unknown): readonly string[] {
  if (typeof uses !== "string") return [];
  if (uses.startsWith("./")) {
    return existsSync(join(project, uses, "action.yml")) ? [] : [`${uses} is not there`];
  }
  const [name = "", version = ""] = uses.split("@");
  const pinned = /^v\d+$/.test(version) || /^[0-9a-f]{40}$/.test(version);
  return [
    ...(pinned ? [] : [`${uses} is pinned neither to a major version nor to a commit`]),
    ...(OWNERS.includes(name.split("/")[0] ?? "") ? [] : [`${uses} belongs to somebody whom nothing is known of`]),
  ];
}

/** What a step does wrong by itself. An expression inside a script becomes part of the script, whatever is in it. */
export function wrongStep(step: Fields): readonly string[] {
  const inputs = fields(step["with"]);
  const scripts = [step["run"], inputs["script"]].filter((text) => typeof text === "string");
  const checksOut = String(step["uses"] ?? "").startsWith("actions/checkout@");
  return [
    ...wrongAction(step["uses"]),
    ...scripts.filter((text) => text.includes("${{")).map((text) => `an expression inside a script: ${text}`),
    ...(checksOut && inputs["persist-credentials"] !== false ? ["a checkout leaves its token behind"] : []),
  ];
}

function isTrusted(job: Fields): boolean {
  const writes = Object.values(fields(job["permissions"])).includes("write");
  return writes || JSON.stringify(job).includes("secrets.");
}

function wrongPermissions(name: string, job: Fields): readonly string[] {
  const { permissions } = job as { readonly permissions?: unknown };
  if (typeof permissions === "string") return [`job ${name} asks for ${permissions}`];
  const written = Object.entries(fields(permissions)).filter(([, access]) => access === "write").map(([what]) => what);
  const runsCode = stepsOf(job).some(({ uses, run }) => {
    return run !== undefined || String(uses).startsWith("actions/checkout");
  });
  return [
    ...written.filter((what) => !["id-token", "pull-requests"].includes(what)).map((what) => `${name} writes ${what}`),
    ...(written.includes("pull-requests") && runsCode ? [`${name} writes to pull requests and runs their code`] : []),
    ...(written.includes("id-token") && job["environment"] === undefined
      ? [`${name} gets an identity outside of an environment`] : []),
    ...(JSON.stringify(job).includes("secrets.") && job["environment"] === undefined
      ? [`${name} gets secrets outside of an environment`] : []),
  ];
}

const FORK_GUARD = "github.event.pull_request.head.repo.full_name == github.repository";

/** A job behind another that forks never reach is guarded, too. */
function isGuarded(job: Fields, jobs: Fields): boolean {
  if (String(job["if"] ?? "").includes(FORK_GUARD)) return true;
  const skips = String(job["if"] ?? "").includes("!= 'skipped'");
  return skips && list(job["needs"]).some((need) => isGuarded(fields(jobs[String(need)]), jobs));
}

/** Everything that a workflow does wrong; empty where it is as it should be. */
export function complaints(workflow: Fields): readonly string[] {
  const jobs = fields(workflow["jobs"]);
  const triggers = typeof workflow["on"] === "string" ? [workflow["on"]] : Object.keys(fields(workflow["on"]));
  const found: string[] = [];
  for (const trigger of ["pull_request_target", "workflow_run", "issue_comment"]) {
    if (triggers.includes(trigger)) found.push(`${trigger} runs with secrets on behalf of strangers`);
  }
  const allowed = Object.values(fields(workflow["permissions"]));
  if (workflow["permissions"] === undefined) found.push("no permissions are set, so all are given");
  if (allowed.some((access) => access !== "read")) found.push("every job is given a permission to write");
  for (const [name, value] of Object.entries(jobs)) {
    const job = fields(value);
    found.push(...wrongPermissions(name, job), ...stepsOf(job).flatMap(wrongStep));
    if (typeof job["timeout-minutes"] !== "number") found.push(`job ${name} may run for six hours`);
    if (workflow["concurrency"] === undefined && job["concurrency"] === undefined) {
      found.push(`two runs of job ${name} may meet`);
    }
    for (const need of list(job["needs"])) {
      if (!(String(need) in jobs)) found.push(`job ${name} needs ${String(need)}, which is not there`);
    }
    if (triggers.includes("pull_request") && isTrusted(job) && !isGuarded(job, jobs)) {
      found.push(`job ${name} trusts the pull requests of forks`);
    }
  }
  return found;
}

export function workflow(name: string): Fields {
  return parse(read(`.github/workflows/${name}.yml`));
}

export function step(name: string, jobName: string, matches: (step: Fields) => boolean): Fields {
  const found = stepsOf(fields(fields(workflow(name)["jobs"])[jobName])).find(matches);
  if (found === undefined) throw new Error(`Job ${jobName} of ${name} has no such step.`);
  return found;
}
