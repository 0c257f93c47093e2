import * as fc from "fast-check";
import { OperationalError } from "../../../migration/engine/errors";
import { scanEntity, scanPage } from "../../../migration/stores/azureTables/wire/scan";
import { anyChoices, anyEntity, joinMembers, spellMembers, spellPage, SERVER_MEMBERS, shuffle } from "./entities";

const whole = { keysOnly: false };

/** A page of one entity: its system members, then what the test is about. */
function page(members: string): Buffer {
  const system = ['"PartitionKey":"p"', '"RowKey":"r"', ...SERVER_MEMBERS];
  return Buffer.from(`{"value":[{${[...system, ...(members === "" ? [] : [members])].join(",")}}]}`);
}

function bodyOf(members: string): string {
  return Buffer.from(scanPage(page(members), whole)[0]?.body ?? []).toString();
}

function thrown(run: () => unknown): OperationalError {
  try {
    run();
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}


describe("scanning a page", () => {
  it.each([
    '"D@odata.type":"Edm.Double","D":1.0',
    '"D@odata.type":"Edm.Double","D":6824053932181.0',
    '"D@odata.type":"Edm.Double","D":-0.0',
    '"D@odata.type":"Edm.Double","D":4.9E-324',
    '"D@odata.type":"Edm.Double","D":1e300',
    '"D@odata.type":"Edm.Double","D":"NaN"',
    '"D@odata.type":"Edm.Double","D":"-Infinity"',
    '"L@odata.type":"Edm.Int64","L":"9007199254740993"',
    '"T@odata.type":"Edm.DateTime","T":"1601-01-01T00:00:00.1234567Z"',
    '"G@odata.type":"Edm.Guid","G":"C9DA6455-213D-42C9-9A79-3E9149A57833"',
    '"B@odata.type":"Edm.Binary","B":"AAEC\\/w=="',
    '"S":"NaN","S2":"1.0","S3":"","S4":"2020-01-01T00:00:00Z","S5":"\\ud83d\\ude00 \\ud800 😀"',
    '"I":5,"Yes":true,"No":false',
    '"partitionKey":"a","rowKey":"b","etag":"c","timestamp":"d","partitionkey":"e","RowKEY":"f"',
    '"__proto__":"a","constructor":5,"toString":true',
    '"Name":"a","name":"b","NAME":"c"',
    '"\\u0041bc":"escaped name"',
  ])("keeps %s byte for byte", (members) => {
    expect(bodyOf(members)).toBe(`{"PartitionKey":"p","RowKey":"r",${members}}`);
  });

  it("leaves out what the server adds, and only that, whatever its place", () => {
    const body = bodyOf('"A":1,"odata.editLink":"x","B":2');
    expect(body).toBe('{"PartitionKey":"p","RowKey":"r","A":1,"B":2}');
  });

  it("says Edm.Double of a bare number with a point or an exponent, so that no service stores an integer", () => {
    const body = bodyOf('"A":1.0,"B":5,"C":1e3,"\\u0044":6824053932181.0');
    expect(body).toBe(
      '{"PartitionKey":"p","RowKey":"r","A@odata.type":"Edm.Double","A":1.0,"B":5,' +
        '"C@odata.type":"Edm.Double","C":1e3,"\\u0044@odata.type":"Edm.Double","\\u0044":6824053932181.0}',
    );
  });

  it("does not annotate a number whose annotation comes later or under an escaped name", () => {
    const members = '"A":1.0,"B":2.0,"A@odata.type":"Edm.Double","\\u0042@odata.type":"Edm.Double"';
    expect(bodyOf(members)).toBe(`{"PartitionKey":"p","RowKey":"r",${members}}`);
  });

  it("reads keys, etag and time with escapes, quotes and every unicode", () => {
    const text = '{"odata.metadata":"m","odata.etag":"W/\\"d\'1\'\\"","PartitionKey":"\\u0061\'\\/😀","RowKey":"",' +
      '"Timestamp":"2026-01-02T03:04:05Z"}';
    const row = scanEntity(Buffer.from(text), whole);
    expect(row).toMatchObject({
      partitionKey: "a'/😀", rowKey: "", version: "W/\"d'1'\"", modified: "2026-01-02T03:04:05Z",
    });
    expect(Buffer.from(row.body).toString()).toBe('{"PartitionKey":"\\u0061\'\\/😀","RowKey":""}');
  });

  it("finds system members whose names are spelt with escapes", () => {
    const text = '{"\\u006fdata.etag":"e","Partition\\u004bey":"p","Row\\u004bey":"r","Time\\u0073tamp":"t"}';
    const row = scanEntity(Buffer.from(text), whole);
    expect(row).toMatchObject({ partitionKey: "p", rowKey: "r", version: "e", modified: "t" });
    expect(Buffer.from(row.body).toString()).toBe('{"Partition\\u004bey":"p","Row\\u004bey":"r"}');
  });

  it("accepts `value` before `odata.metadata`, an empty page, and white space everywhere", () => {
    expect(scanPage(Buffer.from('{"value":[],"odata.metadata":"x"}'), whole)).toEqual([]);
    expect(scanPage(Buffer.from(' \n{ "odata.metadata" : "x" ,\r\n\t"\\u0076alue" : [ ] } \n'), whole)).toEqual([]);
  });

  it("reads keys only without body or digest, and without an ETag where the service sends none", () => {
    const text = '{"value":[{"PartitionKey":"p","RowKey":"r","Timestamp":"t"}]}';
    expect(scanPage(Buffer.from(text), { keysOnly: true })).toEqual([
      { partitionKey: "p", rowKey: "r", body: Buffer.alloc(0), digest: 0n, modified: "t", version: "" },
    ]);
    expect(() => scanPage(Buffer.from(text), whole)).toThrow("an entity without odata.etag");
  });

  it.each([
    ["no page at all", "[]"],
    ["an error in place of a page", '{"odata.error":{"code":"X"}}'],
    ["two values", '{"value":[],"value":[]}'],
    ["text after the page", '{"value":[]}x'],
    ["an entity without RowKey", '{"value":[{"PartitionKey":"p","odata.etag":"e","Timestamp":"t"}]}'],
    ["a RowKey that is not a string", '{"value":[{"PartitionKey":"p","RowKey":5,"odata.etag":"e","Timestamp":"t"}]}'],
    ["a nested value", page('"A":{"b":1}').toString()],
    ["an array", page('"A":[]').toString()],
    ["another annotation", page('"A@odata.navigationLinkUrl":"x"').toString()],
    ["a bad escape", page('"A":"\\x"').toString()],
    ["a short hex escape", page('"A":"\\u12g4"').toString()],
    ["a raw line break in a string", page('"A":"a\nb"').toString()],
    ["a leading zero", page('"A":01').toString()],
    ["a number without digits", page('"A":-').toString()],
    ["a point without digits", page('"A":1.').toString()],
    ["a broken word", page('"A":tru').toString()],
    ["a comma too many", page('"A":1,').toString()],
    ["a system property twice", page('"PartitionKey":"q"').toString()],
  ])("refuses %s as malformed, to be read again", (_what, text) => {
    const error = thrown(() => scanPage(Buffer.from(text), whole));
    expect(error).toMatchObject({ code: "MalformedResponse", retryable: true });
  });

  it("refuses bytes that are not UTF-8 rather than change them", () => {
    const text = page('"A":"x"');
    text[text.indexOf("x")] = 0xff;
    expect(thrown(() => scanPage(text, whole)).code).toBe("MalformedResponse");
  });

  it("names row and property of a type that does not exist", () => {
    const error = thrown(() => scanPage(page('"A@odata.type":"Edm.Decimal","A":"1"'), whole));
    expect(error).toMatchObject({ code: "TypeUnknown", retryable: false });
    expect(error.message).toContain('("p", "r")');
    expect(error.message).toContain("A@odata.type");
  });

  it("never takes a page that was cut off anywhere for a shorter page", () => {
    const full = page('"A@odata.type":"Edm.Int64","A":"5","B":1.5e3,"C":"\\u00e9é😀"');
    expect(scanPage(full, whole)).toHaveLength(1);
    for (let length = 0; length < full.length; length++) {
      expect(thrown(() => scanPage(full.subarray(0, length), whole)).code).toBe("MalformedResponse");
    }
  });

  it("keeps every member byte for byte, in order, however the page is written", () => {
    fc.assert(
      fc.property(fc.array(anyEntity, { maxLength: 4 }), anyChoices, (entities, choose) => {
        const members = entities.map((entity) => spellMembers(choose, entity));
        const text = spellPage(choose, members);
        const rows = scanPage(Buffer.from(text), whole);
        expect(rows.map(({ partitionKey, rowKey }) => ({ partitionKey, rowKey }))).toEqual(
          entities.map(({ partitionKey, rowKey }) => ({ partitionKey, rowKey })),
        );
        for (const [i, row] of rows.entries()) {
          let body = Buffer.from(row.body).toString();
          for (const member of members[i] ?? []) {
            expect(body).toContain(member);
            body = body.replace(member, () => "");
          }
          // What is left: punctuation, white space and the annotations of bare Doubles.
          expect(body.replace(/"(?:[^"\\]|\\.)*@odata\.type":"Edm\.Double"/g, "")).toMatch(/^\{[\s,]*\}$/);
          expect(row.version).toBe("W/\"datetime'2026-01-02T03%3A04%3A05.1234567Z'\"");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same row again when a row's own body is read", () => {
    fc.assert(
      fc.property(anyEntity, anyChoices, (entity, choose) => {
        const members = shuffle(choose, [...SERVER_MEMBERS, ...spellMembers(choose, entity)]);
        const row = scanEntity(Buffer.from(joinMembers(choose, members)), whole);
        const system = `{${SERVER_MEMBERS.join(",")},`;
        const again = scanEntity(Buffer.from(system + Buffer.from(row.body).toString().slice(1)), whole);
        expect(again).toEqual(row);
      }),
      { numRuns: 200 },
    );
  });
});
