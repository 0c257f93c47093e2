import type { TableOutcome } from "../../migration/engine/outcome";
import type { VerifyLevel } from "../../migration/engine/settings";
import { renderHtml } from "../../migration/report/html/page";
import { tableWords, verdictWords } from "../../migration/report/words";
import { runSummary } from "../../migration/cli/summary";
import { reportOf, tableOutcome } from "./outcomes";
import type { ReportChanges } from "./outcomes";

const full = (table: Partial<TableOutcome> = {}): ReportChanges => ({ outcome: { tables: [tableOutcome(table)] } });
const cities = { table: "Cities", destinationTable: "Cities", renames: new Map<string, string>() };

describe("the verdict in words", () => {
  const cases: readonly (readonly [string, ReportChanges, string, string])[] = [
    ["a full verification says equal", full(), "Every row is equal", "good"],
    ["a filter limits what was proven",
      { settings: { tables: [{ ...cities, mode: "replace", filter: "RowKey gt 'a'" }] } },
      "Every selected row is equal", "good"],
    ["a merge proves that rows arrived", { settings: { tables: [{ ...cities, mode: "merge" }] } },
      "Every source row has arrived", "good"],
    ["accepted extra rows are not the source's", { ...full({ extra: 3 }), settings: { deletes: "accept" } },
      "Every source row is equal", "good"],
    ["counts are called counts", { outcome: { level: "count" } }, "Counts match", "plain"],
    ["a sample is called a sample", { outcome: { level: "sample", tables: [tableOutcome({ sampled: 1_000 })] } },
      "1,000 sampled rows are equal", "plain"],
    ["one sampled row is one", { outcome: { level: "sample", tables: [tableOutcome({ sampled: 1 })] } },
      "1 sampled row is equal", "plain"],
    ["no table is no proof", { outcome: { tables: [] } }, "No table was compared", "open"],
    ["differences are counted, conflicts among them",
      { outcome: { verdict: "different", tables: [tableOutcome({
        verdict: "different", missing: 1, extra: 2, different: 3, conflicts: 4 })] } },
      "10 rows differ", "bad"],
    ["accepted extra rows are no differences",
      { outcome: { verdict: "different", tables: [tableOutcome({ verdict: "different", extra: 2, different: 1 })] },
        settings: { deletes: "accept" } },
      "1 row differs", "bad"],
    ["counts that differ compare no values", { outcome: { verdict: "different", level: "count" } },
      "Counts differ", "bad"],
    ["a sample that differs names its size",
      { outcome: { verdict: "different", level: "sample", tables: [tableOutcome({
        verdict: "different", different: 2, sampled: 500 })] } },
      "2 rows differ among 500 sampled rows", "bad"],
    ["a stop is a stop", { outcome: { verdict: "incomplete", stopped: true } }, "Stopped before the end", "open"],
    ["a source in use is said",
      { outcome: { verdict: "incomplete", tables: [tableOutcome({ verdict: "inFlight", inFlight: 12 })] } },
      "The source was being written", "open"],
    ["a failure is a failure, rows in flight or not",
      { outcome: { verdict: "incomplete", tables: [
        tableOutcome({ verdict: "inFlight", inFlight: 12 }), tableOutcome({ table: "B", verdict: "incomplete" }),
      ] } },
      "Could not finish", "open"],
    ["a copy that leaves the proof to another run claims none",
      { outcome: { verdict: "incomplete", level: "none", tables: [tableOutcome({ verdict: "incomplete" })] } },
      "Copied, not verified yet", "open"],
    ["such a copy says itself what it was refused",
      { outcome: { verdict: "incomplete", level: "none", tables: [
        tableOutcome({ verdict: "different", conflicts: 1 }), tableOutcome({ table: "B", verdict: "incomplete" }),
      ] } },
      "1 row differs, and nothing was verified", "bad"],
    ["a dry run changed nothing", { outcome: { verdict: "different", dryRun: true } }, "24,293 rows would change",
      "plain"],
    ["a dry run may have nothing to do",
      { outcome: { dryRun: true, tables: [tableOutcome({ written: 0 })] } }, "Nothing would be written", "plain"],
  ];

  it.each(cases)("%s", (_, changes, headline, tone) => {
    expect(verdictWords(reportOf(changes))).toMatchObject({ headline, tone });
  });

  it("says what was not compared, beside the verdict itself", () => {
    expect(verdictWords(reportOf({ outcome: { level: "count" } })).explanation).toContain("Values were not compared");
    const sample = reportOf({ outcome: { level: "sample", tables: [tableOutcome({ sampled: 5 })] } });
    expect(verdictWords(sample).explanation).toContain("The other rows were not compared");
    const merge = reportOf({ settings: { tables: [{ ...cities, mode: "merge" }] } });
    expect(verdictWords(merge).explanation).toContain("the destination may hold more");
    const accepted = reportOf({ ...full({ extra: 3 }), settings: { deletes: "accept" } });
    expect(verdictWords(accepted).explanation).toContain("3 extra rows in the destination were accepted");
    const skipped = reportOf(full({ skipped: [{ reason: "EntityTooLarge", count: 2 }] }));
    expect(verdictWords(skipped).explanation).toContain("2 rows were left out");
  });

  it("does not hide unfinished tables behind differences in others", () => {
    const report = reportOf({ outcome: { verdict: "different", tables: [
      tableOutcome({ verdict: "different", missing: 1 }), tableOutcome({ table: "B", verdict: "incomplete" }),
    ] } });
    expect(verdictWords(report).explanation).toContain("1 table could not be finished");
  });

  it.each<VerifyLevel>(["sample", "count"])("never calls a %s verification plainly equal, on no surface", (level) => {
    const report = reportOf({ outcome: { level, tables: [tableOutcome({ sampled: 10 })] } });
    const [table] = report.tables;
    expect(table && tableWords(table, report).label).toBe(level === "count" ? "counts match" : "10 sampled equal");
    for (const text of [runSummary(report, {}), renderHtml(report)]) {
      expect(text).not.toMatch(/every (selected |source )?row (is equal|has arrived)/i);
    }
    // "equal" stands alone only where the glossary explains it.
    expect(runSummary(report, {}).replace(/sampled (rows are )?equal/g, "")).not.toMatch(/\bequal\b/);
  });
});
