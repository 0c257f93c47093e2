import fc from "fast-check";
import { parse } from "parse5";
import type { DefaultTreeAdapterTypes } from "parse5";

import { OperationalError } from "../../migration/engine/errors";
import { niceStep, shortCount } from "../../migration/report/html/chart";
import { html } from "../../migration/report/html/markup";
import { renderHtml } from "../../migration/report/html/page";
import type { Report, ThroughputPoint } from "../../migration/report/schema";
import { difference, reportOf, tableOutcome } from "./outcomes";
import type { ReportChanges } from "./outcomes";

type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document;
type Element = DefaultTreeAdapterTypes.Element;

function all(node: Node): readonly Node[] {
  return "childNodes" in node ? [node, ...node.childNodes.flatMap(all)] : [node];
}

/** Parses as a browser does, and fails where a browser would have to guess. */
function elements(page: string): readonly Element[] {
  const errors: string[] = [];
  const document = parse(page, { onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`) });
  expect(errors).toEqual([]);
  return all(document).filter((node): node is Element => "tagName" in node);
}

function textOf(node: Node): string {
  return all(node).map((one) => ("value" in one ? one.value : "")).join("");
}

function byTag(page: string, tag: string): readonly Element[] {
  return elements(page).filter(({ tagName }) => tagName === tag);
}

const attributesOf = ({ attrs }: Element) => new Map(attrs.map(({ name, value }) => [name, value]));

function withClass(page: string, name: string): readonly Element[] {
  return elements(page).filter((one) => (attributesOf(one).get("class") ?? "").split(" ").includes(name));
}

const throughput: readonly ThroughputPoint[] = [
  { phase: "preflight", atMs: 0, rowsPerSecond: 0, throttled: false },
  { phase: "copy", atMs: 1_000, rowsPerSecond: 4_000, throttled: false },
  { phase: "copy", atMs: 2_000, rowsPerSecond: 1_000, throttled: true },
  { phase: "copy", atMs: 3_000, rowsPerSecond: 5_000, throttled: false },
  { phase: "verify", atMs: 4_000, rowsPerSecond: 14_000, throttled: false },
  { phase: "verify", atMs: 5_000, rowsPerSecond: 16_500, throttled: false },
];

const rich: Report = reportOf({
  outcome: {
    verdict: "different",
    tables: [
      tableOutcome({
        verdict: "different", missing: 1, different: 5, samples: [
          difference({ class: "missing", partitionKey: "", rowKey: "a\u202eb\u0000", properties: [] }), difference(),
        ],
        skipped: [{ reason: "EntityTooLarge", count: 2 }],
      }),
      tableOutcome({ table: "Orders", destinationTable: "Archive" }),
      tableOutcome({
        table: "Broken", verdict: "incomplete", source: { count: 7 }, destination: { count: 0 },
        error: new OperationalError({ code: "LeaseLost", message: "Somebody else took the lease." }),
      }),
    ],
  },
  throughput,
});

describe("the page", () => {
  const page = renderHtml(rich);

  it("tells verdict, numbers, digests, differences, failures and its hash", () => {
    expect(byTag(page, "h1").map(textOf)).toEqual(["6 rows differ"]);
    const text = elements(page).filter(({ tagName }) => tagName === "body").map(textOf).join("");
    for (const told of ["24,293", "1234 5678 9abc", "2 left out", "EntityTooLarge", "LeaseLost", "Archive",
      "not counted", "population", "Int64", "2950159", rich.hash, rich.runId, "account contoso"]) {
      expect(text).toContain(told);
    }
    expect(text).toContain("4 more rows are not listed here");
  });

  it("needs nothing but itself, and forbids itself to load or run anything", () => {
    const found = elements(page);
    expect(found.filter(({ tagName }) =>
      ["script", "link", "img", "iframe", "object", "embed", "base", "form"].includes(tagName))).toEqual([]);
    for (const element of found) {
      const attributes = attributesOf(element);
      for (const name of ["src", "href", "srcset", "style", "xlink:href"]) expect(attributes.has(name)).toBe(false);
      expect([...attributes.keys()].filter((name) => name.startsWith("on"))).toEqual([]);
    }
    expect(page).not.toMatch(/url\(|@import/);
    const policy = found.find((element) => attributesOf(element).get("http-equiv") === "Content-Security-Policy");
    expect(policy && attributesOf(policy).get("content")).toBe("default-src 'none'; style-src 'unsafe-inline'");
  });

  it("is made for phones, for the dark and for paper", () => {
    const viewport = elements(page).find((element) => attributesOf(element).get("name") === "viewport");
    expect(viewport && attributesOf(viewport).get("content")).toContain("width=device-width");
    expect(page).toMatch(/@media \(prefers-color-scheme: dark\)/);
    expect(page).toMatch(/@media \(max-width: 40rem\)/);
    expect(page).toMatch(/@media print/);
  });

  it("shows what cannot be seen: controls, reordering characters, empty keys", () => {
    expect(withClass(page, "unseen").map(textOf)).toEqual(["U+202E", "U+0000"]);
    expect(page).not.toMatch(/[\u202e\u0000]/);
    expect(byTag(page, "td").map(textOf)).toContain("empty");
  });

  it("draws the throughput with its phases and where it was slowed, and says it in words too", () => {
    const [chart] = byTag(page, "svg").filter((svg) => attributesOf(svg).get("role") === "img");
    expect(chart && attributesOf(chart).get("aria-label")).toBe(
      "Rows per second over 5s; at most 16,500 rows per second.");
    const drawn = withClass(page, "line").map((line) => attributesOf(line).get("class"));
    expect(drawn).toEqual(["line copy", "line verify"]);
    expect(byTag(page, "rect")).toHaveLength(1);
    const numbers = withClass(page, "line").flatMap((line) => attributesOf(line).get("d")?.match(/-?[\d.]+/g) ?? []);
    expect(numbers.length).toBeGreaterThan(8);
    expect(numbers.every((text) => Number(text) >= 0 && Number(text) <= 720)).toBe(true);
  });

  it("shows a zero only where it was found out", () => {
    const told = (rendered: string) => Object.fromEntries(withClass(rendered, "number").map((one) => {
      const [name, value] = one.childNodes.map(textOf);
      return [name, value];
    }));
    const of = (changes: ReportChanges) => told(renderHtml(reportOf(changes)));
    expect(of({})).toMatchObject({ missing: "0", extra: "0", different: "0", conflicts: "0" });
    expect(of({ outcome: { level: "count" } })).toMatchObject({ missing: "0", extra: "0", different: "not compared" });
    expect(of({ outcome: { dryRun: true } })).toMatchObject({ missing: "not known", extra: "0", "to write": "24,293" });
    const broken = tableOutcome({ verdict: "incomplete", conflicts: 2 });
    expect(of({ outcome: { verdict: "incomplete", tables: [broken] } })).toMatchObject({
      "destination rows": "not counted", missing: "not known", different: "not known", conflicts: "2",
    });
  });

  it("leaves the chart away where there is nothing to draw", () => {
    expect(byTag(renderHtml(reportOf()), "h2").map(textOf)).not.toContain("Throughput");
  });

  it("has no differences section where there are none", () => {
    expect(byTag(renderHtml(reportOf()), "table")).toEqual([]);
  });

  const hostile = [
    "<script>alert(1)</script>", "</style><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'onload='x",
    "<!--", "-->", "]]>", "&lt;b&gt;", "</td></tr></table>", "javascript:alert(1)", "\u2028<b>", "<svg/onload=x>",
  ];
  it.each(hostile)("is not moved by a key, value, name or message such as %j", (text) => {
    const tables = [tableOutcome({
      table: text, destinationTable: `${text}2`, verdict: "different", different: 1,
      samples: [difference({ partitionKey: text, rowKey: text, properties: [{
        name: text, source: { type: text, value: text }, destination: { type: "Edm.String", value: text },
      }] })],
      skipped: [{ reason: text, count: 1 }],
      error: new OperationalError({ code: text, message: text }),
    })];
    const report = reportOf({
      outcome: { verdict: "different", runId: text, tables },
      settings: { tables: [{ table: text, destinationTable: text, mode: "merge", filter: text,
        renames: new Map([[text, `${text}3`]]) }] },
      context: { showValues: true, source: text, destination: text },
    });
    const harmless = reportOf({
      outcome: { verdict: "different", runId: "x", tables: [{
        ...tableOutcome({ verdict: "different", different: 1, table: "x", destinationTable: "x2" }),
        samples: [difference({ partitionKey: "x", rowKey: "x", properties: [{
          name: "x", source: { type: "x", value: "x" }, destination: { type: "Edm.String", value: "x" },
        }] })],
        skipped: [{ reason: "x", count: 1 }],
        error: new OperationalError({ code: "x", message: "x" }),
      }] },
      settings: { tables: [{ table: "x", destinationTable: "x", mode: "merge", filter: "x",
        renames: new Map([["x", "x3"]]) }] },
      context: { showValues: true, source: "x", destination: "x" },
    });
    const shape = (page: string) => elements(page).filter((element) => !attributesOf(element).get("class")
      ?.includes("unseen")).map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(" "));
    const hostilePage = renderHtml(report);
    expect(shape(hostilePage)).toEqual(shape(renderHtml(harmless)));
    const shown = withClass(hostilePage, "foreign").map(textOf);
    expect(shown).toContain(text.replace("\u2028", "U+2028"));
  });

  it("parses as a browser expects it for any text", () => {
    const text = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(fc.property(text, text, (key, value) => {
      const properties = [{ name: key, source: { type: "Edm.String", value } }];
      const tables = [tableOutcome({ different: 1, samples: [difference({ rowKey: key, properties })] })];
      const rendered = renderHtml(reportOf({ outcome: { tables }, context: { showValues: true } }));
      expect(elements(rendered).filter(({ tagName }) => tagName === "tr")).toHaveLength(2);
      expect(Buffer.from(rendered, "utf8").toString("utf8")).toBe(rendered);
    }), { numRuns: 60 });
  });

  it("cuts long values, says how long they were, and never cuts a character in two", () => {
    const value = `${"x".repeat(299)}\u{1F600}${"y".repeat(5_000)}`;
    const tables = [tableOutcome({ samples: [difference({ properties: [
      { name: "p", source: { type: "Edm.String", value } },
    ] })] })];
    const rendered = renderHtml(reportOf({ outcome: { tables }, context: { showValues: true } }));
    expect(rendered).toContain("5,301 characters");
    expect(rendered).not.toContain("yyy");
    expect(rendered).not.toContain("U+D83D");
  });
});

describe("markup", () => {
  it("escapes what could end a text or an attribute, and takes nothing on trust but itself", () => {
    expect(html`<a title="${`&<>"'`}">${[html`<b>${1}</b>`, "<i>", undefined]}</a>`.text)
      .toBe('<a title="&amp;&lt;&gt;&quot;&#39;"><b>1</b>&lt;i&gt;</a>');
  });
});

describe("the chart's axis", () => {
  it.each([[16_500, 5_000], [3, 1], [0, 1], [0.5, 0.2], [1_000_000, 500_000], [4, 1], [41, 20]])(
    "takes steps that people count in: up to %d in steps of %d", (most, step) => {
      expect(niceStep(most, 4)).toBeCloseTo(step);
    });

  it.each([[0, "0"], [850, "850"], [12_000, "12k"], [1_500, "1.5k"], [1_500_000, "1.5M"]])("spells %d as %s",
    (count, text) => {
      expect(shortCount(count)).toBe(text);
    });
});
