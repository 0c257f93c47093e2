import { readFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

import type { ProgressSample } from "../../migration/engine/progress";
import { reportSchema } from "../../migration/report/schema";
import { statusLine } from "../../migration/report/statusLine";

const page = readFileSync(path.join(__dirname, "..", "..", "docs", "understanding-output.md"), "utf8");

/** Every member's name and every word of an enumeration, wherever the schema has one. */
function wordsOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, items, enum: words } = schema as Record<string, unknown>;
  const members = Object.entries(properties ?? {}).flatMap(([name, inner]) => [name, ...wordsOf(inner)]);
  return [...members, ...wordsOf(items), ...(Array.isArray(words) ? words.map(String) : [])];
}

describe("docs/understanding-output.md", () => {
  it("names every field and word that a report may hold", () => {
    const words = [...new Set(wordsOf(z.toJSONSchema(reportSchema)))];
    expect(words.length).toBeGreaterThan(50);
    const unnamed = words.filter((word) => !new RegExp(`\\b${word}\\b`).test(page));
    expect(unnamed).toEqual([]);
  });

  it("shows the status line as it is", () => {
    const sample: ProgressSample = {
      phase: "copy", atMs: 0, elapsedMs: 3_000, tablesDone: 1, tablesTotal: 5, tablesActive: ["Cities"], rows: 12_000,
      rowsExpected: 24_293, written: 11_000, unchanged: 1_000, deleted: 0, differences: 0, inFlight: 8,
      rowsPerSecond: 5_120, throttledReason: "account fabrikam answers 503",
    };
    expect(page).toContain(`\n${statusLine(sample)}\n`);
  });
});
