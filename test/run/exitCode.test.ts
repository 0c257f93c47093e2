import { OperationalError } from "../../migration/engine/errors";
import type { RunOutcome, TableOutcome } from "../../migration/engine/outcome";
import { exitCodeOf } from "../../migration/run/exitCode";
import { runOutcome, tableOutcome } from "../report/outcomes";

const nothing = { source: { count: 0 }, destination: { count: 0 } };
const error = new OperationalError({ code: "Unreachable", message: "The host cannot be reached." });
const broken = (changes: Partial<TableOutcome> = {}) => tableOutcome({ verdict: "incomplete", error, ...changes });

describe("the exit code of a run", () => {
  const cases: readonly (readonly [string, Partial<RunOutcome>, number])[] = [
    ["equal", {}, 0],
    ["different", { verdict: "different", tables: [tableOutcome({ verdict: "different", missing: 1 })] }, 1],
    ["nothing was begun and nothing was read", { verdict: "incomplete", began: false, tables: [broken(nothing)] }, 2],
    ["a verification broke off half-way", { verdict: "incomplete", began: false, tables: [broken()] }, 3],
    ["a copy broke off", { verdict: "incomplete", tables: [broken(nothing)] }, 3],
    ["a stop was asked for before the first row",
      { verdict: "incomplete", began: false, stopped: true, tables: [broken(nothing)] }, 3],
    ["rows were in flight",
      { verdict: "incomplete", began: false, tables: [tableOutcome({ verdict: "inFlight", inFlight: 1 })] }, 3],
    ["one table differs and another could not be finished",
      { verdict: "different", tables: [tableOutcome({ verdict: "different" }), broken()] }, 3],
    ["one table differs while another is in flight",
      { verdict: "different", tables: [tableOutcome({ verdict: "different" }), tableOutcome({ verdict: "inFlight" })] },
      1],
    ["every row was copied, and another run is to prove it",
      { level: "none", verdict: "incomplete", tables: [tableOutcome({ verdict: "incomplete" })] }, 0],
    ["a copy without proof refused to overwrite a row",
      { level: "none", verdict: "different", tables: [tableOutcome({ verdict: "different", conflicts: 1 })] }, 1],
    ["a copy without proof refused to overwrite a row of one table, and copied another",
      { level: "none", verdict: "incomplete",
        tables: [tableOutcome({ verdict: "different", conflicts: 1 }), tableOutcome({ verdict: "incomplete" })] }, 1],
    ["a copy without proof was stopped",
      { level: "none", verdict: "incomplete", stopped: true, tables: [tableOutcome({ verdict: "incomplete" })] }, 3],
    ["a copy without proof broke off", { level: "none", verdict: "incomplete", tables: [broken()] }, 3],
  ];
  it.each(cases)("%s", (_, outcome, exitCode) => {
    expect(exitCodeOf(runOutcome(outcome))).toBe(exitCode);
  });
});
