import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hostRunHandler } from "../../migration/handlers/hostRun";
import { reportFileOf } from "../../migration/handlers/runs";
import type { Properties } from "../../migration/handlers/handler";
import { UNKNOWN } from "../../migration/handlers/unknown";

const handler = hostRunHandler({ clock: { now: () => 0, sleep: () => Promise.resolve() } });

describe("when a host is to run again", () => {
  let folder: string;
  let inputs: Properties;
  let outs: Properties;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "landbridge-runs-"));
    inputs = { asks: "copy Cities", lastStep: "verify", reportFolder: folder, source: "sas-1", destination: "sas-2" };
    ({ outs } = await handler.create(inputs));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const changes = async (news: Properties, olds = outs) => (await handler.diff("id", olds, news)).changes;
  const keepReport = (text: string) => writeFileSync(reportFileOf(folder, String(outs["runId"]), "verify"), text);

  it("is when it is told something else, or when nobody knows yet what", async () => {
    expect(await changes(inputs)).toBe(false);
    expect(await changes({ ...inputs, asks: "copy Towns" })).toBe(true);
    expect(await changes({ ...inputs, asks: UNKNOWN })).toBe(true);
  });

  it("is not for renewed credentials, which the next run has; until then those of the last one stay", async () => {
    const renewed = { ...inputs, source: "sas-3" };
    expect(await changes(renewed)).toBe(false);
    expect(JSON.parse(String(outs["credentials"]))).toEqual({ source: "sas-1", destination: "sas-2" });
    const after = (await handler.update("id", outs, renewed)).outs;
    expect(JSON.parse(String(after["credentials"]))).toEqual({ source: "sas-3", destination: "sas-2" });
    expect(after["runId"]).not.toBe(outs["runId"]);
    // Credentials are in one output alone, which is marked as a secret.
    expect(Object.keys(after)).not.toContain("source");
  });

  it("is for a new text that asks for it, and not for one that is left out again", async () => {
    const asked = { ...inputs, again: "monday" };
    expect(await changes(asked)).toBe(true);
    const after = (await handler.update("id", outs, asked)).outs;
    expect(await changes(asked, after)).toBe(false);
    expect(await changes(inputs, after)).toBe(false);
    expect(await changes({ ...inputs, again: "tuesday" }, after)).toBe(true);
  });

  it.each([
    [false, "proved its tables equal", '{"verdict":"equal"}'],
    [true, "found differences", '{"verdict":"different"}'],
    [true, "left a report that is cut off", '{"verdict":"eq'],
  ])("is %s where the last run %s, by the report that was kept of it", async (again, _what, report) => {
    keepReport(report);
    expect(await changes(inputs)).toBe(again);
  });

  it("has names that a shell, a blob and Azure take", () => {
    expect(String(outs["runId"])).toMatch(/^[\w-]{1,40}$/);
  });
});
