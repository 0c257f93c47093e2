import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { OperationalError } from "../../../migration/engine/errors";
import { chooseKernel } from "../../../migration/stores/azureTables/kernel";
import type { Kernel } from "../../../migration/stores/azureTables/kernel/kernel";
import { JavaScriptKernel } from "../../../migration/stores/azureTables/kernel/javaScript";
import { scanPage } from "../../../migration/stores/azureTables/wire/scan";
import { LIMITS, ZOO } from "../../contract/zoo";
import {
  anyChoices, anyEntity, anyShare, SERVER_MEMBERS, spellMembers, spellPage, type Choose, type Entity,
} from "./entities";

let exact: Kernel;
let fast: Kernel;

/** Rows as plain data, or the refusal: all that there is to see of a page. */
function outcome(page: Buffer, kernel: Kernel): unknown {
  try {
    return scanPage(page, { keysOnly: false }, kernel).map(({ body, digest, ...rest }) => ({
      ...rest, body: Buffer.from(body).toString("latin1"), digest: digest.toString(16),
    }));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { code: error.code, message: error.message, retryable: error.retryable };
  }
}

function expectAlike(page: Buffer): unknown {
  const wanted = outcome(page, exact);
  const found = outcome(page, fast);
  // A matcher takes seconds over megabytes, even where nothing differs.
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted);
  return wanted;
}

function entityOf(members: string, row = "r", partition = "p"): string {
  const key = `"PartitionKey":"${partition}","RowKey":"${row}"`;
  return `{${[SERVER_MEMBERS[0], key, SERVER_MEMBERS[1], ...(members === "" ? [] : [members])].join(",")}}`;
}

function pageOf(...entities: readonly string[]): Buffer {
  return Buffer.from(`{"odata.metadata":"http://x/$metadata#T","value":[${entities.join(",")}]}`);
}

/** How many of a page's entities the fast kernel left to the exact one. */
function leftOver(page: Buffer): number {
  const spy = jest.spyOn(JavaScriptKernel.prototype, "entities");
  try {
    scanPage(page, { keysOnly: false }, fast);
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
  }
}

/** As services spell it: no white space, escapes only where they must be, annotations right before. */
function plainly(choose: Choose, entity: Entity): string {
  const text = (value: string) => JSON.stringify(value);
  const members = entity.properties.map(({ name, value }) => {
    const spelling = value.spellings[Math.floor(choose() * value.spellings.length)];
    const json = value.text === undefined ? (spelling?.json ?? "null") : text(value.text);
    const annotation = spelling === undefined || spelling.bare ? "" : `"${name}@odata.type":"${value.type}",`;
    return `${annotation}${text(name)}:${json}`;
  });
  const [etag, time] = SERVER_MEMBERS;
  const keys = [`"PartitionKey":${text(entity.partitionKey)}`, `"RowKey":${text(entity.rowKey)}`];
  return `{${[etag, ...keys, time, ...members].join(",")}}`;
}

beforeAll(() => {
  execFileSync(process.execPath, [join(__dirname, "..", "..", "..", "scripts", "buildKernel.js")]);
  exact = chooseKernel("javascript");
  fast = chooseKernel("wasm");
});

describe("the two kernels", () => {
  it.each(ZOO.map(({ title, members }) => [title, members]))("agree about %s", (_title, members) => {
    expectAlike(pageOf(entityOf("\"before\":1"), entityOf(members, "s"), entityOf(members, "t")));
  });

  const tooMuch = LIMITS.filter(({ members }) => members !== "");

  it.each(tooMuch.map(({ title, members }) => [title, members]))("agree about %s", (_title, members) => {
    expectAlike(pageOf(entityOf(members), entityOf(members, "s")));
  });

  it("take what services send without asking each other", () => {
    const odd = /^(a Double of 17|an annotated Double|a property named __proto__|the smallest Int32)/;
    expect(ZOO.filter(({ title }) => odd.test(title))).toHaveLength(4);
    const left = ZOO.filter(({ members }) => leftOver(pageOf(entityOf(members), entityOf(members, "s"))) > 0);
    expect(left.map(({ title }) => title)).toEqual([]);
    expect(leftOver(pageOf(entityOf('"Timestamp@odata.type":"Edm.DateTime","odata.type":"a.T"')))).toBe(0);
    expect(leftOver(pageOf(entityOf('"a" :1'), entityOf('"a":1')))).toBe(1);
  });

  it("agree about entities as services spell them", () => {
    fc.assert(
      fc.property(fc.array(anyEntity, { minLength: 1, maxLength: 5 }), anyChoices, (entities, choose) => {
        const spelt = entities.map((entity) => plainly(choose, entity));
        expectAlike(pageOf(...spelt, ...spelt));
      }),
      { numRuns: 400 },
    );
  });

  it("agree about entities in any order, white space and escapes", () => {
    fc.assert(
      fc.property(fc.array(anyEntity, { maxLength: 4 }), anyChoices, (entities, choose) => {
        expectAlike(Buffer.from(spellPage(choose, entities.map((entity) => spellMembers(choose, entity)))));
      }),
      { numRuns: 300 },
    );
  });

  it("agree about every number that JSON can spell, in every numeric type and none", () => {
    const digits = fc.stringMatching(/^\d{1,22}$/);
    const number = fc.tuple(
      fc.constantFrom("", "-"), fc.oneof(fc.constant("0"), fc.stringMatching(/^[1-9]\d{0,21}$/)),
      fc.option(digits, { nil: undefined }),
      fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "e-", "E-"), fc.nat({ max: 330 })), { nil: undefined }),
    ).map(([sign, whole, part, power]) =>
      `${sign}${whole}${part === undefined ? "" : `.${part}`}${power === undefined ? "" : power.join("")}`);
    const type = fc.constantFrom("", '"v@odata.type":"Edm.Int32",', '"v@odata.type":"Edm.Int64",',
      '"v@odata.type":"Edm.Double",');
    fc.assert(
      fc.property(type, fc.oneof(number, fc.double().map(String)), fc.boolean(), (annotation, lexeme, quoted) => {
        expectAlike(pageOf(entityOf(`${annotation}"v":${quoted ? `"${lexeme}"` : lexeme}`)));
      }),
      { numRuns: 1500 },
    );
  });

  it("agree about digits that overflow 64 bits, and others at a bound", () => {
    const lexemes = [
      "18446744073709551617.5", "184467440737095516175e0", "18446744073709551616", "9007199254740993.0",
      "9007199254740992.0", "9007199254740991.5", "0.1e23", "1234567890.12345678901234567890",
      "0.00000000000000000000001", "0.0000000000000000000001", "1.7976931348623157e308",
      "1.7976931348623159e308", "4.9e-324", "2e-324", "-0.0", "-0", "-0e0", "2147483648", "-2147483648", "-2147483649",
      "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
      "18446744073709551615", "01", "1.", ".5", "+1", "1e", "1e+", "--1",
    ];
    for (const type of ["", "Int32", "Int64", "Double"]) {
      const annotation = type === "" ? "" : `"v@odata.type":"Edm.${type}",`;
      for (const one of lexemes) {
        expectAlike(pageOf(entityOf(`${annotation}"v":${one}`)));
        expectAlike(pageOf(entityOf(`${annotation}"v":"${one}"`)));
      }
    }
  });

  it("agree about annotations that come apart from their properties, or have none", () => {
    const typed = (type: string) => `"A@odata.type":"Edm.${type}"`;
    const double = typed("Double");
    for (const members of [
      `${double},"B":"5","A":5`, `${double},"B":5,"A":5`, `"A":5,${double}`, `${double}`, `${double},${double},"A":5`,
      `${double},"A":5,"A":6`, `${double},"A":5,${double},"A":6`, `${double},"AB":5`, `${typed("Decimal")},"A":5`,
      `"A@odata.type":5,"A":5`, `${typed("Int64")},"A":null,"A":"6"`, `"PartitionKey@odata.type":"Edm.String"`,
      `"@odata.type":"Edm.Int64","":"5"`, `"Timestamp@odata.type":"Edm.DateTime"`, `"odata.etag":"again"`,
      `"odata.type":"x","A":1`, `"odata.id":5`, `"A@odata.other":"x","A":1`, `${typed("Boolean")},"A":true`,
      `${typed("Boolean")},"A":1`, `${typed("Int64")},"A":true`, `${typed("String")},"A":"x"`,
      `${typed("String")},"A":5`,
      `${typed("Int32")},"A":"5"`, `${typed("Boolean")},"A":"true"`, `"RowKey":"twice"`, `"PartitionKey":"twice"`,
      `"Timestamp":"twice"`, `${double},"A":1.5`, `"A":1.5,"B":true,"C":2`,
    ]) {
      expectAlike(pageOf(entityOf('"A":1'), entityOf(members), entityOf(members, "s")));
    }
  });

  it("agree about surrogates, paired or not", () => {
    const escapes = ["\\ud83d", "\\ude00", "\\uDBFF", "\\udfff", "\\ue000", "\\u0041"];
    const unit = fc.constantFrom(...escapes, "x", "é", "😀");
    const text = fc.array(unit, { maxLength: 12 }).map((units) => units.join(""));
    fc.assert(fc.property(text, text, text, (value, row, partition) => {
      const other = entityOf(`"v":"${row}"`, value, partition);
      expectAlike(pageOf(entityOf(`"v":"${value}"`, row, partition), other));
    }));
  });

  it("agree about times, good and bad", () => {
    const part = (min: number, max: number, width: number) =>
      fc.integer({ min, max }).map((value) => String(value).padStart(width, "0"));
    const time = fc.tuple(
      fc.oneof(part(0, 9999, 4), fc.constantFrom("1600", "1900", "2000", "2020", "2100")), part(0, 13, 2),
      part(0, 32, 2), part(0, 24, 2), part(0, 60, 2), part(0, 60, 2), fc.stringMatching(/^(\.\d{0,8})?[Zz]?$/),
    ).map(([year, month, day, hour, minute, second, rest]) =>
      `${year}-${month}-${day}T${hour}:${minute}:${second}${rest}`);
    fc.assert(
      fc.property(time, (text) => {
        expectAlike(pageOf(entityOf(`"v@odata.type":"Edm.DateTime","v":"${text}"`)));
      }),
      { numRuns: 1500 },
    );
  });

  it("agree about Guids and Binary, good and bad", () => {
    const nearly = (good: fc.Arbitrary<string>) =>
      fc.tuple(good, fc.nat({ max: 60 }), fc.constantFrom("", "=", "A", "g", "/", "\\/", "-", " ", "é", "\\u0041"))
        .map(([text, at, put]) => (at > text.length ? text : text.slice(0, at) + put + text.slice(at + 1)));
    const binary = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    const guid = fc.uuid().chain((text) => fc.constantFrom(text, text.toUpperCase()));
    const value = fc.oneof(
      nearly(guid).map((text) => `"v@odata.type":"Edm.Guid","v":"${text}"`),
      nearly(binary).map((text) => `"v@odata.type":"Edm.Binary","v":"${text}"`),
    );
    fc.assert(fc.property(value, (members) => void expectAlike(pageOf(entityOf(members)))), { numRuns: 1000 });
  });

  it("agree about pages that were cut off anywhere", () => {
    const page = pageOf(entityOf('"A@odata.type":"Edm.Int64","A":"5","B":1.5e3,"C":"\\u00e9é😀","D":null,"E":true'));
    for (let length = 0; length < page.length; length++) {
      expect(expectAlike(page.subarray(0, length))).toMatchObject({ code: "MalformedResponse" });
    }
  });

  it("agree about pages in which any bytes were changed", () => {
    const alphabet = [...'{}[],:"\\/@ 0123456789-+.eEtrufalsn\n\u0000\u001fZTAé'].map((one) => Buffer.from(one));
    const byte = fc.oneof(fc.constantFrom(...alphabet), fc.nat({ max: 255 }).map((one) => Buffer.of(one)));
    const edit = fc.record({ at: anyShare, cut: fc.nat({ max: 3 }), put: byte });
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(anyEntity, { minLength: 1, maxLength: 3 }), fc.array(edit, { minLength: 1, maxLength: 3 }), anyChoices,
        (entities, edits, choose) => {
          let page = pageOf(...entities.map((entity) => plainly(choose, entity)));
          for (const { at, cut, put } of edits) {
            const from = Math.floor(at * page.length);
            page = Buffer.concat([page.subarray(0, from), put, page.subarray(from + cut)]);
          }
          if (!Array.isArray(expectAlike(page))) refused += 1;
        },
      ),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  it("agree about any bytes at all", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void expectAlike(Buffer.from(bytes))));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expectAlike(Buffer.concat([Buffer.from('{"value":[{"'), bytes, Buffer.from('"}]}')]));
    }));
  });

  it("agree about what does not fit the fast one's memory, and go on behind it", () => {
    const many = Array.from({ length: 1100 }, (_, i) => entityOf(`"n":${i}`, `r${i}`, `p${i >> 3}`));
    expect(expectAlike(pageOf(...many))).toHaveLength(1100);
    const doubles = Array.from({ length: 40 }, (_, i) => `"d${i}":1.5`).join(",");
    expect(expectAlike(pageOf(...Array.from({ length: 120 }, (_, i) => entityOf(doubles, `r${i}`))))).toHaveLength(120);
    const etag = `"odata.etag":"${"e".repeat(100_000)}"`;
    const heavy = Array.from({ length: 6 }, (_, i) => entityOf("", `r${i}`).replace(SERVER_MEMBERS[0] as string, etag));
    expect(expectAlike(pageOf(...heavy))).toHaveLength(6);
    const large = Array.from({ length: 9 }, (_, i) => entityOf(`"s":"${"x".repeat(1_000_000)}"`, `r${i}`));
    expect(expectAlike(pageOf(...large))).toHaveLength(9);
    const names = Array.from({ length: 30 }, (_, i) =>
      entityOf(Array.from({ length: 100 }, (_v, k) => `"n${i * 100 + k}":${k}`).join(","), `r${i}`));
    expect(expectAlike(pageOf(...names))).toHaveLength(30);
    const members = (count: number) => entityOf(Array.from({ length: count }, (_, i) => `"m${i % 999}":1`).join(","));
    expect(expectAlike(pageOf(members(2044)))).toHaveLength(1);
    expect(expectAlike(pageOf(members(2045)))).toMatchObject({ code: "MalformedResponse" });
  });

  it("keep rows of one page as they are while the next is read", () => {
    const rows = scanPage(pageOf(entityOf('"a":"first"'), entityOf('"a":"second"', "s")), { keysOnly: false }, fast);
    const before = rows.map(({ body, digest }) => [Buffer.from(body).toString(), digest]);
    const others = Array.from({ length: 900 }, (_, i) => entityOf('"b":"other"', `z${i}`));
    scanPage(pageOf(...others), { keysOnly: false }, fast);
    expect(rows.map(({ body, digest }) => [Buffer.from(body).toString(), digest])).toEqual(before);
  });
});
