import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { parse } from "yaml";

import { names } from "./world";

const FOLDER = join(__dirname, "..", "..", "policy");

type Call<Request, Response> = (
  request: Request,
  done: (error: Error | null, response: Response) => void,
) => unknown;

function ask<Request, Response>(call: Call<Request, Response>, request: Request): Promise<Response> {
  return new Promise((settle, refuse) => {
    call(request, (error, response) => (error === null ? settle(response) : refuse(error)));
  });
}

function tokens(lifetimeHours: number): analyzer.AnalyzeRequest {
  const request = new analyzer.AnalyzeRequest();
  request.setType("pulumi-nodejs:dynamic/landbridge:TableSas");
  request.setName("sas");
  request.setUrn("urn:pulumi:dev::landbridge::pulumi-nodejs:dynamic/landbridge:TableSas::sas");
  const props = { lifetimeHours, ipRange: "203.0.113.7", policyId: "landbridge-x", tables: ["Cities"] };
  request.setProperties(Struct.fromJavaScript(props));
  request.setOptions(new analyzer.AnalyzerResourceOptions());
  return request;
}

/** Started as Pulumi starts it: by its main file, in its folder, asked over the protocol that Pulumi speaks. */
describe("the policy pack, as a process of its own", () => {
  let child: ChildProcess;
  let client: AnalyzerClient;

  beforeAll(async () => {
    const { main } = parse(readFileSync(join(FOLDER, "PulumiPolicy.yaml"), "utf8")) as { readonly main: string };
    child = spawn(process.execPath, [join(FOLDER, main)], { cwd: FOLDER, stdio: ["ignore", "pipe", "inherit"] });
    const port = await new Promise<string>((found, refuse) => {
      child.once("exit", (code) => refuse(new Error(`The policy pack ended with ${code} before it answered.`)));
      if (child.stdout === null) return refuse(new Error("The policy pack has no output."));
      createInterface({ input: child.stdout }).once("line", found);
    });
    client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterAll(async () => {
    client.close();
    const ended = new Promise((done) => child.once("exit", done));
    child.kill();
    await ended;
  });

  it("offers its policies, all mandatory until a team says otherwise", async () => {
    const info = await ask<Empty, analyzer.AnalyzerInfo>(client.getAnalyzerInfo.bind(client), new Empty());
    expect(info.getName()).toBe("landbridge");
    expect(info.getPoliciesList().map((policy) => policy.getName()).sort()).toEqual([...names()].sort());
    const levels = info.getPoliciesList().map((policy) => policy.getEnforcementlevel());
    expect(new Set(levels)).toEqual(new Set([analyzer.EnforcementLevel.MANDATORY]));
  });

  it("refuses what is too long, and lets a team change limit and level", async () => {
    const analyze = (hours: number) =>
      ask<analyzer.AnalyzeRequest, analyzer.AnalyzeResponse>(client.analyze.bind(client), tokens(hours));
    expect((await analyze(72)).getDiagnosticsList()).toEqual([]);
    const [refused] = (await analyze(720)).getDiagnosticsList();
    expect(refused?.getPolicyname()).toBe("sas-lifetime");
    expect(refused?.getEnforcementlevel()).toBe(analyzer.EnforcementLevel.MANDATORY);

    const config = new analyzer.PolicyConfig();
    config.setEnforcementlevel(analyzer.EnforcementLevel.ADVISORY);
    config.setProperties(Struct.fromJavaScript({ lifetimeHoursMax: 100 }));
    const request = new analyzer.ConfigureAnalyzerRequest();
    request.getPolicyconfigMap().set("sas-lifetime", config);
    await ask<analyzer.ConfigureAnalyzerRequest, Empty>(client.configure.bind(client), request);
    const [advised] = (await analyze(101)).getDiagnosticsList();
    expect(advised?.getMessage()).toMatch(/101 hours, and 100 are allowed/);
    expect(advised?.getEnforcementlevel()).toBe(analyzer.EnforcementLevel.ADVISORY);
  });
});
