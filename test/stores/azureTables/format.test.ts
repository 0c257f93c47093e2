import * as fc from "fast-check";
import type { Row } from "../../../migration/engine/row";
import type { CopyMode } from "../../../migration/engine/rowFormat";
import { azureTablesFormat as format } from "../../../migration/stores/azureTables";
import { rowOfBody } from "../../../migration/stores/azureTables/entity";
import { anyChoices, anyEntity, joinMembers, spellMembers } from "./entities";

function row(members: string, partitionKey = "p", rowKey = "r"): Row {
  const text = `{"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}${members}}`;
  return rowOfBody(Buffer.from(text), "2026-01-01T00:00:00Z", "etag");
}

function bodyText(of: Row): string {
  return Buffer.from(of.body).toString();
}


describe("differences between rows", () => {
  it("names them in ordinal order, with type and value of both sides", () => {
    const source = row(',"b":1,"B":"x","é":true,"a@odata.type":"Edm.Int64","a":"5","same":1.0');
    const destination = row(',"b":1.0,"é":true,"a":5,"Z":"é\\n","same@odata.type":"Edm.Double","same":1');
    expect(format.differences(source, destination, "replace")).toEqual([
      { name: "B", source: { type: "Edm.String", value: "x" } },
      { name: "Z", destination: { type: "Edm.String", value: "é\n" } },
      { name: "a", source: { type: "Edm.Int64", value: "5" }, destination: { type: "Edm.Int32", value: "5" } },
      { name: "b", source: { type: "Edm.Int32", value: "1" }, destination: { type: "Edm.Double", value: "1.0" } },
    ]);
  });

  it("asks of a merge only that the source's properties are there and equal", () => {
    const source = row(',"a":1,"n":null');
    const destination = row(',"a":1,"extra":2');
    expect(format.differences(source, destination, "merge")).toEqual([]);
    expect(format.differences(source, destination, "replace")).toHaveLength(1);
    expect(format.differences(destination, source, "merge")).toEqual([
      { name: "extra", source: { type: "Edm.Int32", value: "2" } },
    ]);
  });

  it("refuses to guess which of two properties of one name counts", () => {
    expect(() => format.differences(row(',"a":1,"\\u0061":2'), row(""), "replace")).toThrow(/"a" twice/);
  });

  it("finds none exactly where the digests are equal", () => {
    fc.assert(
      fc.property(anyEntity, anyEntity, fc.boolean(), anyChoices, (one, other, same, choose) => {
        const second = same ? one : { ...other, partitionKey: one.partitionKey, rowKey: one.rowKey };
        const [a, b] = [one, second].map(
          (entity) => rowOfBody(Buffer.from(joinMembers(choose, spellMembers(choose, entity))), "", ""),
        ) as [Row, Row];
        expect(format.differences(a, b, "replace").length === 0).toBe(a.digest === b.digest);
        const modes: readonly CopyMode[] = ["replace", "merge"];
        for (const mode of modes) {
          const names = format.differences(a, b, mode).map(({ name }) => name);
          expect(names).toEqual([...names].sort());
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("renaming properties", () => {
  const renames = (...pairs: readonly (readonly [string, string])[]) => new Map(pairs);

  it("keeps lexeme, annotation and everything else, and gives the digest of the renamed row", () => {
    const before = row(',"A@odata.type":"Edm.Double","A":1.50e0,"B":"\\u0041","AB":1');
    const after = format.rename(before, renames(["A", "né\"w"]));
    expect(bodyText(after)).toBe(
      '{"PartitionKey":"p","RowKey":"r","né\\"w@odata.type":"Edm.Double","né\\"w":1.50e0,"B":"\\u0041","AB":1}',
    );
    expect(after).toMatchObject({ partitionKey: "p", rowKey: "r", modified: before.modified, version: before.version });
    expect(after.digest).toBe(row(',"B":"A","né\\"w":1.5,"AB":1').digest);
  });

  it("can swap two names, and finds a name that is spelt with escapes", () => {
    const after = format.rename(row(',"\\u0041":1,"B":2'), renames(["A", "B"], ["B", "A"]));
    expect(after.digest).toBe(row(',"B":1,"A":2').digest);
  });

  it("leaves a row without such a property as it is, and minds case", () => {
    const before = row(',"a":1');
    expect(format.rename(before, renames(["A", "B"]))).toBe(before);
  });

  it.each([
    [',"A":1,"B":2', [["A", "B"]]],
    [',"A":1,"B":2', [["A", "C"], ["B", "C"]]],
  ] as const)("refuses to let two properties meet: %s", (members, pairs) => {
    expect(() => format.rename(row(members), renames(...pairs))).toThrow(
      expect.objectContaining({ code: "RenameCollision" }) as Error,
    );
  });

  it.each(["PartitionKey", "RowKey", "Timestamp"])("neither renames %s nor gives that name to another", (system) => {
    const refused = expect.objectContaining({ code: "RenameReserved" }) as Error;
    expect(() => format.rename(row(',"A":1'), renames([system, "B"]))).toThrow(refused);
    expect(() => format.rename(row(',"A":1'), renames(["A", system]))).toThrow(refused);
    expect(() => format.rename(row(',"A":1'), renames(["A", system.toLowerCase()]))).not.toThrow();
  });
});

describe("the rules of the destination", () => {
  const codes = (of: Row) => format.check(of).map(({ code, property }) => [code, property]);
  const text = (chars: number) => JSON.stringify("x".repeat(chars));

  it("accepts the whole value zoo and every awkward legal name and key", () => {
    const zoo = ',"A@odata.type":"Edm.DateTime","A":"1601-01-01T00:00:00Z","B@odata.type":"Edm.Double","B":"NaN",' +
      '"C":"","_":1,"partitionKey":1,"__proto__":1,"constructor":1,"é名前":1,"a\u0301":1,"A1_b":1';
    expect(format.check(row(zoo, "", "% ' \" $ & + , : ; = @ é 😀 ~"))).toEqual([]);
  });

  it("counts properties as Storage does: 252, nulls not among them", () => {
    const properties = (count: number) => Array.from({ length: count }, (_, i) => `,"P${i}":${i}`).join("");
    expect(codes(row(`${properties(252)},"N":null`))).toEqual([]);
    expect(codes(row(properties(253)))).toEqual([["TooManyProperties", undefined]]);
  });

  it("allows strings of 32,768 UTF-16 units and binary of 65,536 bytes, not one more", () => {
    const binary = (bytes: number) => `,"B@odata.type":"Edm.Binary","B":"${Buffer.alloc(bytes).toString("base64")}"`;
    expect(codes(row(`,"S":${text(32_768)}`))).toEqual([]);
    expect(codes(row(`,"S":${text(32_769)}`))).toEqual([["PropertyValueTooLarge", "S"]]);
    expect(codes(row(`,"S":"${"\\u00e9".repeat(32_768)}"`))).toEqual([]);
    expect(codes(row(`,"S":"${"😀".repeat(16_385)}"`))).toEqual([["PropertyValueTooLarge", "S"]]);
    expect(codes(row(binary(65_536)))).toEqual([]);
    expect(codes(row(binary(65_537)))).toEqual([["PropertyValueTooLarge", "B"]]);
  });

  it("computes the size of an entity by Microsoft's formula, to the byte", () => {
    // 4 + 2 * (1 + 1) for the keys; 8 + 2 * 3 + 4 + 2 * chars for each string.
    const full = Array.from({ length: 15 }, (_, i) => `,"S${10 + i}":${text(32_768)}`).join("");
    const used = 4 + 4 + 15 * (8 + 6 + 4 + 65_536);
    const rest = (1_048_576 - used - (8 + 6 + 4)) / 2;
    expect(codes(row(`${full},"Z01":${text(rest)}`))).toEqual([]);
    expect(codes(row(`${full},"Z01":${text(rest + 1)}`))).toEqual([["EntityTooLarge", undefined]]);
    expect(codes(row(`${full},"Z01":${text(rest - 5)},"z":true`))).toEqual([["EntityTooLarge", undefined]]);
  });

  it.each(["a-b", "1a", "a b", "a.b", "a😀"])("refuses the name %s", (name) => {
    expect(codes(row(`,${JSON.stringify(name)}:1`))).toEqual([["PropertyNameInvalid", name]]);
  });

  it("refuses names longer than 255 characters", () => {
    expect(codes(row(`,"${"n".repeat(255)}":1`))).toEqual([]);
    expect(codes(row(`,"${"n".repeat(256)}":1`))).toEqual([["PropertyNameTooLong", "n".repeat(256)]]);
  });

  it("refuses dates before 1601, which Cosmos and emulators accept", () => {
    expect(codes(row(',"D@odata.type":"Edm.DateTime","D":"1600-12-31T23:59:59.9999999Z"'))).toEqual([
      ["DateOutOfRange", "D"],
    ]);
  });

  it.each(["a/b", "a\\b", "a#b", "a?b", "a\tb", "\u0000", "\u007f", "\u009f"])("refuses the key %j", (key) => {
    expect(codes(row("", key, "r"))).toEqual([["KeyInvalid", undefined]]);
    expect(codes(row("", "p", key))).toEqual([["KeyInvalid", undefined]]);
  });

  it("refuses keys of more than 1,024 UTF-16 units, and halves of surrogate pairs", () => {
    expect(codes(row("", "é".repeat(1_024), "k".repeat(1_024)))).toEqual([]);
    expect(codes(row("", "é".repeat(1_025)))).toEqual([["KeyValueTooLarge", undefined]]);
    expect(codes(row("", "p", "😀".repeat(513)))).toEqual([["KeyValueTooLarge", undefined]]);
    expect(codes(row("", "\ud800"))).toEqual([["KeyInvalid", undefined]]);
  });

  it("says row, rule and remedy", () => {
    const [finding] = format.check(row(',"a-b":1'));
    expect(finding?.message).toBe(
      'Row ("p", "r"), property "a-b": the name is not a C# identifier (letters, digits and _, no digit first). ' +
        "Rename the property.",
    );
  });
});
