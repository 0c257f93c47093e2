import { randomBytes } from "node:crypto";
import { parseUrn } from "../engine/urn";
import { equal, stripSecrets, type Properties, type Value } from "../engine/value";
import type { Json } from "./armClient";
import { asObject } from "./kind";
import { exec, upload, withSsh, type SshConnection, type SshOutcome } from "./ssh";
import type { StandIn } from "./standIn";

/** The version of @pulumi/command whose names and behaviour these stand-ins have. */
const VERSION = "1.2.1";

/** Every input that each type takes; any other one is refused. */
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  "command:remote:Command": [
    "addPreviousOutputInEnv", "connection", "create", "delete", "environment", "logging", "stdin", "triggers", "update",
  ],
  "command:remote:CopyToRemote": ["connection", "remotePath", "source", "triggers"],
};

function inputsOf(urn: string): readonly string[] {
  const { type } = parseUrn(urn);
  const known = INPUTS[type];
  if (known !== undefined) return known;
  throw new Error(`Here is no resource type ${type}, only ${Object.keys(INPUTS).join(", ")}.`);
}

function plain(properties: unknown): Json {
  return stripSecrets((properties ?? {}) as Properties);
}

function connectionOf(inputs: Json): SshConnection {
  return asObject(inputs["connection"]) as unknown as SshConnection;
}

/** Streams that are shown while a command runs: both, unless `logging` says otherwise. */
function shows(logging: unknown, stream: "stdout" | "stderr"): boolean {
  return logging === undefined || logging === "stdoutAndStderr" || logging === stream;
}

/** How a command ended that did not end with 0. */
function howItEnded({ exitCode, signal }: SshOutcome, host: string): string {
  if (exitCode !== undefined) return `Process exited with status ${exitCode}`;
  if (signal !== undefined) return `Process exited with signal ${signal}`;
  return `The connection to ${host} was lost; nothing is known of the command's end`;
}

/** Runs one of a Command's commands, and throws as the provider does where it does not end with 0. */
async function run(inputs: Json, command: unknown): Promise<Json> {
  if (typeof command !== "string") return { ...inputs, stdout: "", stderr: "" };
  const show = (stream: "stdout" | "stderr") => (text: string) => {
    if (shows(inputs["logging"], stream)) process.stdout.write(text);
  };
  const { stdin } = inputs;
  const connection = connectionOf(inputs);
  const outcome = await withSsh(connection, (client) =>
    exec(client, command, typeof stdin === "string" ? stdin : undefined, {
      stdout: show("stdout"),
      stderr: show("stderr"),
    }));
  const { stdout, stderr } = outcome;
  if (outcome.exitCode !== 0) {
    const how = howItEnded(outcome, connection.host);
    throw new Error(`${how}: running ${JSON.stringify(command)}:\n${stdout}${stderr}`);
  }
  return { ...inputs, stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
}

async function copy(inputs: Json): Promise<Json> {
  const { path } = asObject(inputs["source"]);
  if (typeof path !== "string") throw new Error("Only files are copied here (FileAsset).");
  await withSsh(connectionOf(inputs), (client) => upload(client, path, String(inputs["remotePath"])));
  return inputs;
}

/** Stands in for Pulumi's `command` provider: the same types and behaviour for what the program uses, over real SSH. */
export function command(): StandIn {
  const isCopy = (urn: string) => parseUrn(urn).type.endsWith(":CopyToRemote");
  return {
    version: VERSION,
    check: async (urn, _olds, news: Record<string, Value>) => {
      const known = inputsOf(urn);
      const required = isCopy(urn) ? ["connection", "remotePath", "source"] : ["connection"];
      const missing = required.filter((key) => news[key] === undefined || news[key] === null);
      const unknown = Object.keys(news).filter((key) => !known.includes(key) && !key.startsWith("__"));
      const failures = [
        ...missing.map((property) => ({ property, reason: `missing required property '${property}'` })),
        ...unknown.map((property) => ({ property, reason: `unknown property '${property}'` })),
      ];
      return await Promise.resolve({ inputs: news, failures });
    },
    diff: async (_id, _urn, olds: Json, news: Json) => {
      const replaces = equal(plain(olds)["triggers"] as Value, plain(news)["triggers"] as Value) ? [] : ["triggers"];
      return await Promise.resolve(replaces.length > 0 ? { changes: true, replaces } : {});
    },
    create: async (urn, news: Json) => {
      const inputs = plain(news);
      const outs = isCopy(urn) ? await copy(inputs) : await run(inputs, inputs["create"]);
      return { id: randomBytes(8).toString("hex"), outs };
    },
    update: async (_id, urn, _olds, news: Json) => {
      const inputs = plain(news);
      return { outs: isCopy(urn) ? await copy(inputs) : await run(inputs, inputs["update"] ?? inputs["create"]) };
    },
    // The provider reads nothing: what state says, holds.
    read: async (id, _urn, props: Json) => await Promise.resolve({ id, props }),
    delete: async (_id, urn, props: Json) => {
      // A copied file stays where it is, as with the provider.
      if (!isCopy(urn)) await run(plain(props), plain(props)["delete"]);
    },
    invoke: async (token) => await Promise.reject(new Error(`Here is no function ${token}.`)),
  };
}
