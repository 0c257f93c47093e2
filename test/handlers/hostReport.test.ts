import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readOutcome } from "../../migration/access/outcomeBlob";
import { OperationalError } from "../../migration/engine/errors";
import { PartialResult, type Properties } from "../../migration/handlers/handler";
import { hostReportHandler } from "../../migration/handlers/hostReport";
import { UNKNOWN } from "../../migration/handlers/unknown";
import type { Report } from "../../migration/report/schema";
import { openSigner } from "../../migration/run/signing/openSigner";
import { reportOf, type ReportChanges, tableOutcome } from "../report/outcomes";

const ports = { clock: { now: () => 0, sleep: () => Promise.resolve() } };
const handler = hostReportHandler(ports);

const RUN = "20260131T090500000Z";
const framed = (step: string, report: Report, exitCode = 0, run = RUN) =>
  JSON.stringify({ step, run, exitCode, report });

function copied(changes: ReportChanges = {}): Report {
  const outcome = { level: "none" as const, verdict: "incomplete" as const };
  return reportOf({ ...changes, outcome: { ...outcome, tables: [tableOutcome({ verdict: "incomplete" })] } });
}

const verified = (changes: ReportChanges = {}) => reportOf({ context: { command: "verify" }, ...changes });

describe("what a host brought back", () => {
  let folder: string;
  let inputs: Properties;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "landbridge-brought-"));
    inputs = {
      steps: ["copy", "verify"],
      outcomes: [framed("copy", copied()), framed("verify", verified())],
      runId: RUN,
      level: "full",
      tables: ["Cities"],
      frozen: false,
      reportFolder: folder,
      host: "mover@copy1",
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const brought = (verify: string, copy = framed("copy", copied())) => ({ ...inputs, outcomes: [copy, verify] });

  it("is kept with its reports once both steps did what they were asked to", async () => {
    const { outs } = await handler.create(inputs);
    expect(outs).toMatchObject({ verdict: "equal", complete: true, runId: RUN });
    expect(String(outs["summary"])).toMatch(/^Every row is equal.*On mover@copy1: 24,293 rows written/);
    expect(existsSync(String(outs["reportPath"]))).toBe(true);
    // Outcomes are long, and stand in state once already.
    expect(outs["outcomes"]).toBeUndefined();
    expect(await handler.diff("id", outs, inputs)).toEqual({ changes: false });
    const other = verified({ outcome: { runId: "another" } });
    expect(await handler.diff("id", outs, brought(framed("verify", other)))).toEqual({ changes: true });
    expect(await handler.diff("id", outs, { ...inputs, outcomes: UNKNOWN })).toEqual({ changes: true });
  });

  it("is read from the machine's blobs where outcomes are addresses, with the tenant they are of", async () => {
    const url = (step: string) => `https://landbridgehost1.blob.core.windows.net/landbridge/1-${step}.json`;
    const blobs: Record<string, string> = {
      [url("copy")]: framed("copy", copied()), [url("verify")]: framed("verify", verified()),
    };
    const asked: string[] = [];
    const reading = hostReportHandler(ports, (at, tenantId) => {
      asked.push(`${at} ${tenantId}`);
      return Promise.resolve(blobs[at] ?? "");
    });
    const addressed = { ...inputs, outcomes: Object.keys(blobs), tenantId: "fabrikam" };
    const { outs } = await reading.create(addressed);
    expect(outs).toMatchObject({ verdict: "equal", complete: true });
    expect(asked).toEqual(Object.keys(blobs).map((at) => `${at} fabrikam`));
    blobs[url("verify")] = "";
    await expect(reading.create(addressed)).rejects.toThrow(/from `verify` is no outcome/);
  });

  it("may follow a greeting", async () => {
    const { outs } = await handler.create(brought(`Welcome!\n${framed("verify", verified())}`));
    expect(outs).toMatchObject({ verdict: "equal" });
  });

  it.each<[string, () => string, RegExp]>([
    ["nothing", () => "", /is no outcome \(0 characters\)/],
    ["half of it", () => framed("verify", verified()).slice(0, 300), /is no outcome/],
    ["another step's outcome", () => framed("copy", copied()), /is no outcome of it/],
    ["a copy's report", () => framed("verify", reportOf()), /is the report of a copy/],
    ["a weaker comparison", () => framed("verify", verified({ outcome: { level: "count" } })), /level count, and full/],
    ["other tables alone", () => framed("verify", verified({
      outcome: { tables: [tableOutcome({ table: "Towns" })] },
    })), /says nothing of Cities/],
    ["a sound report of another run", () => framed("verify", verified(), 0, "20260130T090500000Z"),
      /is of run "20260130T090500000Z", and this is run 20260131T090500000Z/],
    ["a verification of other accounts", () => framed("verify", verified({
      context: { command: "verify", destination: "account tailspin" },
    })), /is of different accounts: .*, and .* to account tailspin/],
    ["a report that was edited", () => framed("verify", { ...verified(), runId: "x" }), /was changed after it was/],
  ])("is refused where it is %s: unknown is never success", async (_what, verify, reason) => {
    const attempt = handler.create(brought(verify()));
    await expect(attempt).rejects.toThrow(reason);
    await expect(attempt).rejects.toBeInstanceOf(OperationalError);
  });

  it.each<[string, Report, number]>([
    ["differs", verified({
      outcome: { verdict: "different", tables: [tableOutcome({ verdict: "different", missing: 2 })] },
    }), 1],
    ["was stopped", verified({ outcome: { stopped: true } }), 3],
    ["ended with another code than its report", verified(), 3],
  ])("fails the step where the verification %s, and keeps the report", async (_what, report, code) => {
    const attempt = handler.create(brought(framed("verify", report, code)));
    await expect(attempt).rejects.toBeInstanceOf(PartialResult);
    const part = await attempt.catch((error: unknown) => error as PartialResult);
    expect(part).toMatchObject({ message: expect.stringContaining("The tables are not proven equal") });
    const { properties } = part as PartialResult;
    expect(existsSync(String(properties["reportPath"]))).toBe(true);
    // The same outcome is judged again, not taken for done.
    expect(await handler.diff("id", properties, brought(framed("verify", report, code)))).toEqual({ changes: true });
  });

  it("fails where the copy left a table out, whatever the verification says", async () => {
    const error = new OperationalError({ code: "Unreachable", message: "Gone." });
    const outcome = { level: "none" as const, verdict: "incomplete" as const };
    const broken = reportOf({ outcome: { ...outcome, tables: [tableOutcome({ verdict: "incomplete", error })] } });
    const attempt = handler.create(brought(framed("verify", verified()), framed("copy", broken)));
    await expect(attempt).rejects.toThrow(/Gone\./);
    // The page of the step that failed: that of the verification shows nothing of it.
    await expect(attempt).rejects.toThrow(/open \S+-copy\.html,/);
  });

  it("is signed here, step by step, with a key that is opened once", async () => {
    const { privateKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const signingKey = join(folder, "key.pem");
    writeFileSync(signingKey, privateKey);
    let opened = 0;
    const signing = hostReportHandler(ports, readOutcome, (text) => {
      opened += 1;
      return openSigner(text);
    });
    await signing.create({ ...inputs, signingKey });
    expect(readdirSync(folder).filter((file) => file.endsWith(".jws"))).toHaveLength(2);
    expect(opened).toBe(1);
  });

  it("keeps its reports though the key that signs them cannot be read", async () => {
    await expect(handler.create({ ...inputs, signingKey: join(folder, "none.pem") })).rejects.toThrow(/none\.pem/);
    expect(readdirSync(folder).filter((file) => file.endsWith(".json"))).toHaveLength(2);
  });

  it("fails where the copy refused rows of one table beside others that it copied", async () => {
    const refused = tableOutcome({ verdict: "different", conflicts: 1 });
    const outcome = { level: "none" as const, verdict: "incomplete" as const };
    const copy = reportOf({
      outcome: { ...outcome, tables: [refused, tableOutcome({ table: "Towns", verdict: "incomplete" })] },
    });
    const attempt = handler.create(brought(framed("verify", verified()), framed("copy", copy, 0)));
    await expect(attempt).rejects.toBeInstanceOf(PartialResult);
  });

  it("stays as it was once access is closed, and cannot begin then", async () => {
    const { outs } = await handler.create(inputs);
    const known = Object.entries(inputs).filter(([name]) => name !== "runId");
    const closed = { ...Object.fromEntries(known), frozen: true, outcomes: [] };
    expect((await handler.check({ a: 1 }, closed)).failures).toEqual([]);
    expect(await handler.diff("id", outs, closed)).toEqual({ changes: false });
    expect((await handler.update("id", outs, closed)).outs).toMatchObject({ verdict: "equal", frozen: true });
    expect((await handler.check({}, closed)).failures).toMatchObject([{ property: "frozen" }]);
    await expect(handler.create(closed)).rejects.toThrow(/open temporary access/);
  });
});
