import { createHash } from "node:crypto";

import fc from "fast-check";

import { OperationalError } from "../../migration/engine/errors";
import { checkReport } from "../../migration/report/check";
import { reportSchema } from "../../migration/report/schema";
import { seal } from "../../migration/report/seal";
import { difference, reportOf, tableOutcome } from "./outcomes";

function refusal(text: string): OperationalError {
  try {
    checkReport(text, "r.json");
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error("The report was accepted.");
}

const rich = reportOf({
  outcome: {
    verdict: "different",
    tables: [tableOutcome({ verdict: "different", different: 1, samples: [difference()], skipped: [
      { reason: "EntityTooLarge", count: 2 },
    ] })],
  },
  throughput: [{ phase: "copy", atMs: 0, rowsPerSecond: 1, throttled: false }],
});

/** Every place in the report that holds a number, a string or a boolean. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return `${String(value)}x`;
}

function edited(report: object, path: readonly string[]): string {
  const copy = JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = path.at(-1) ?? "";
  at[last] = changed(at[last]);
  return JSON.stringify(copy);
}

describe("a report's seal", () => {
  it("survives being written, read, reordered and laid out anew", () => {
    expect(checkReport(JSON.stringify(rich), "r.json")).toEqual(rich);
    const turned = Object.fromEntries(Object.entries(rich).reverse());
    expect(checkReport(JSON.stringify(turned, undefined, 7), "r.json")).toEqual(rich);
  });

  it("is SHA-256 over canonical JSON, so that anybody can compute it without landbridge", () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== "object" || value === null) return value;
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
    };
    const { hash, ...content } = rich;
    expect(hash).toBe(`sha256:${createHash("sha256").update(JSON.stringify(sorted(content))).digest("hex")}`);
  });

  it("breaks with every single value that is changed", () => {
    const places = leaves(rich).filter((path) => path[0] !== "hash");
    expect(places.length).toBeGreaterThan(40);
    for (const place of places) {
      const { code } = refusal(edited(rich, place));
      // A change that is no report any more is refused before its hash is looked at.
      expect(["ReportTampered", "ReportUnreadable", "ReportVersion"]).toContain(code);
    }
    expect(refusal(edited(rich, ["tables", "0", "source", "count"])).code).toBe("ReportTampered");
    expect(refusal(edited(rich, ["tables", "0", "samples", "0", "rowKey"])).code).toBe("ReportTampered");
  });

  it("breaks when a difference or a table is taken out", () => {
    const { tables } = rich;
    expect(refusal(JSON.stringify({ ...rich, tables: [] })).code).toBe("ReportTampered");
    const without = tables.map((table) => ({ ...table, samples: [] }));
    expect(refusal(JSON.stringify({ ...rich, tables: without })).code).toBe("ReportTampered");
  });

  it("does not hide a second value of a member, which another reader would take for the first", () => {
    const text = JSON.stringify(rich);
    const other = '"verdict":"equal",';
    expect(refusal(`{${other}${text.slice(1)}`).code).toBe("ReportTampered");
    expect(refusal(text.replace('"source":{"count"', '"source":{"count":0,"count"')).message)
      .toMatch(/^r\.json has a member twice in one object.*ask for the original/);
    const escaped = String.raw`{"verd\u0069ct":"equal",${text.slice(1)}`;
    expect(refusal(escaped).code).toBe("ReportTampered");
    expect(refusal(`{"__proto__":{},"__proto__":{},${text.slice(1)}`)).toBeInstanceOf(OperationalError);
  });

  it("is not broken by names and colons inside of texts", () => {
    const odd = reportOf({ outcome: { tables: [tableOutcome({ skipped: [
      { reason: String.raw`"a": {"b" : 1, \"c\": "d\\": `, count: 1 },
    ] })] } });
    expect(checkReport(JSON.stringify(odd), "r.json")).toEqual(odd);
  });

  it.each([
    ["", "ReportUnreadable"],
    ["not json", "ReportUnreadable"],
    ["null", "ReportUnreadable"],
    ["[]", "ReportUnreadable"],
    ["{}", "ReportUnreadable"],
    [JSON.stringify({ ...rich, schemaVersion: 2 }), "ReportVersion"],
    [JSON.stringify({ ...rich, more: true }), "ReportUnreadable"],
    [JSON.stringify({ ...rich, verdict: "fine" }), "ReportUnreadable"],
    [JSON.stringify({ ...rich, hash: "sha256:00" }), "ReportUnreadable"],
  ])("refuses what is no report: %#", (text, code) => {
    const error = refusal(text);
    expect(error.code).toBe(code);
    expect(error.message).toContain("r.json");
  });

  it("never accepts arbitrary JSON, and never fails in another way", () => {
    fc.assert(fc.property(fc.json(), (text) => {
      expect(refusal(text)).toBeInstanceOf(OperationalError);
    }), { numRuns: 200 });
  });
});

describe("a report", () => {
  it("fits its own schema, whatever the keys and values of the tables are", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    fc.assert(fc.property(text, text, text, text, (partitionKey, rowKey, name, value) => {
      const properties = [{ name, source: { type: "Edm.String", value } }];
      const sample = difference({ partitionKey, rowKey, properties });
      const report = reportOf({
        outcome: { verdict: "different", tables: [tableOutcome({ samples: [sample] })] },
        context: { showValues: true },
      });
      expect(reportSchema.parse(report)).toEqual(report);
      expect(checkReport(JSON.stringify(report), "r.json")).toEqual(report);
    }));
  });

  it("holds values only where they were asked for", () => {
    const outcome = { tables: [tableOutcome({ samples: [difference()] })] };
    const quiet = reportOf({ outcome });
    expect(JSON.stringify(quiet)).not.toContain("3426354");
    expect(quiet.tables[0]?.samples[0]?.properties).toEqual([
      { name: "population", source: { type: "Edm.Int64" }, destination: { type: "Edm.Int32" } },
    ]);
    const open = reportOf({ outcome, context: { showValues: true } });
    expect(open.tables[0]?.samples[0]?.properties[0]?.source).toEqual({ type: "Edm.Int64", value: "3426354" });
  });

  it("spells digests with their version and all 32 digits, and tells none where values were not read", () => {
    const [table] = reportOf().tables;
    expect(table?.source.digest).toBe("v1:0000000000000000000012345678" + "9abc");
    for (const level of ["sample", "count"] as const) {
      const [counted] = reportOf({ outcome: { level } }).tables;
      expect(counted?.source).toEqual({ count: 24_293 });
    }
  });

  it("tells times in UTC, and the run's settings without which equal cannot be understood", () => {
    const renames = new Map([["pop", "population"]]);
    const report = reportOf({ settings: { deletes: "accept", tables: [
      { table: "Cities", destinationTable: "Cities", mode: "merge", filter: "RowKey gt 'a'", renames },
    ] } });
    expect(report).toMatchObject({
      startedAt: "2026-01-31T09:05:07.000Z",
      finishedAt: "2026-01-31T09:05:21.000Z",
      settings: { deletes: "accept", conflicts: "refuse", tables: [
        { table: "Cities", mode: "merge", filter: "RowKey gt 'a'", renames: [{ from: "pop", to: "population" }] },
      ] },
    });
  });

  it("carries the error of a table that could not be finished", () => {
    const error = new OperationalError({ code: "LeaseLost", message: "Somebody took the lease." });
    const tables = [tableOutcome({ verdict: "incomplete", error })];
    const report = reportOf({ outcome: { verdict: "incomplete", tables } });
    expect(report.tables[0]?.error).toEqual({ code: "LeaseLost", message: "Somebody took the lease." });
  });

  it("is sealed over exactly what it holds", () => {
    const { hash, ...content } = rich;
    expect(seal(content).hash).toBe(hash);
  });
});
