import fc from "fast-check";
import { ZOO } from "../contract/zoo";
import { readEntity, writeMember } from "./entity";
import { text } from "./http";
import { PlainEntity, readPlainEntity } from "./plainEntity";

/** What the long way makes of a body: keys, and the properties as the service spells them. */
function longWay(body: Buffer): readonly (string | undefined)[] {
  const { partitionKey, rowKey, properties } = readEntity(text(body));
  return [partitionKey, rowKey, [...properties].map(([name, value]) => writeMember(name, value)).join(",")];
}

function shortWay(body: Buffer): readonly (string | undefined)[] | undefined {
  const entity = readPlainEntity({ buffer: body, start: 0, end: body.length });
  if (entity === undefined) return undefined;
  const { buffer, runs } = entity.members;
  const kept = runs.flatMap((start, n) => (n % 2 === 0 ? [buffer.toString("utf8", start, runs[n + 1])] : []));
  return [entity.partitionKey, entity.rowKey, kept.join(",")];
}

/** The long way decides: the short one may give up, but never say something else. */
function expectSame(body: Buffer): boolean {
  const short = shortWay(body);
  if (short !== undefined) expect([body.toString("utf8"), short]).toEqual([body.toString("utf8"), longWay(body)]);
  return short !== undefined;
}

const annotated = (type: string, value: fc.Arbitrary<string>) =>
  value.map((json) => (name: string, before: boolean) => {
    const [own, its] = [`"${name}":${json}`, `"${name}@odata.type":"${type}"`];
    return before ? `${its},${own}` : `${own},${its}`;
  });
const bare = (value: fc.Arbitrary<string>) => value.map((json) => (name: string) => `"${name}":${json}`);

const decimal = fc.stringMatching(/^-?\d{1,9}\.\d{1,9}$/);
const dates = fc.stringMatching(/^(16|20)[0-9][0-9]-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,7})?Z$/);
const value = fc.oneof(
  bare(fc.string({ unit: "binary" }).map((string) => JSON.stringify(string))),
  bare(fc.constantFrom('"\\u0041"', '"\\/"', '"\\n\\"\\\\"', '"é🚀"', "null", "tru", "[]", "{}", '"\t"')),
  bare(fc.constantFrom("true", "false")),
  bare(fc.integer().map(String)),
  bare(fc.double().map((number) => JSON.stringify(number))),
  bare(decimal),
  annotated("Edm.Double", fc.oneof(decimal, fc.constantFrom("5", '"NaN"', "-0.0", "0.0001", "0.00001", "1e3"))),
  annotated("Edm.Int64", fc.bigInt(-(1n << 64n), 1n << 64n).map((number) => `"${number}"`)),
  annotated("Edm.Int32", fc.integer().map(String)),
  annotated("Edm.DateTime", dates.map((date) => `"${date}"`)),
  annotated("Edm.Guid", fc.uuid().map((guid) => `"${guid}"`)),
  annotated("Edm.Binary", fc.base64String().map((base64) => `"${base64}"`)),
  annotated("Edm.String", fc.constantFrom('"x"', '"\\n"', "1")),
  annotated("Edm.Boolean", fc.constantFrom("true", '"true"')),
  annotated("Edm.Decimal", fc.constant('"1"')),
);
const name = fc.constantFrom(
  "a", "b", "c", "_d1", "__proto__", "größe", "PartitionKey", "RowKey", "Timestamp", "odata.etag", "odata.x.y",
  "odatb.x", "x-y",
);
const member = fc.tuple(name, value, fc.boolean()).map(([called, make, before]) => make(called, before));
const entity = fc.array(member, { maxLength: 8 }).map((members) => Buffer.from(`{${members.join(",")}}`, "utf8"));

describe("the short way through an ordinary entity", () => {
  it("says what the long way says, whatever is sent", () => {
    let short = 0;
    fc.assert(fc.property(entity, (body) => void (short += expectSame(body) ? 1 : 0)), { numRuns: 20_000 });
    // Otherwise nothing was compared.
    expect(short).toBeGreaterThan(1_000);
  });

  it("accepts nothing that the long way refuses, wherever a byte is wrong", () => {
    const whole =
      '{"PartitionKey":"p","RowKey":"r\\n","s":"é\\"x","i":-12,"d@odata.type":"Edm.Double","d":1.5,' +
      '"l":"12","l@odata.type":"Edm.Int64","t@odata.type":"Edm.DateTime","t":"2024-02-29T23:59:59.5Z","b":true}';
    const good = Buffer.from(whole, "utf8");
    expect(expectSame(good)).toBe(true);
    const spoil = fc.constantFrom("set", "drop", "cut", "double");
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), spoil, (at, byte, how) => {
        const spoilt = Buffer.from(good);
        spoilt[at] = byte;
        if (how === "drop") expectSame(Buffer.concat([good.subarray(0, at), good.subarray(at + 1)]));
        else if (how === "cut") expectSame(good.subarray(0, at));
        else if (how === "double") expectSame(Buffer.concat([good.subarray(0, at + 1), good.subarray(at)]));
        else expectSame(spoilt);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each(ZOO.map(({ title, members }) => [title, members]))("treats %s as the long way does", (_title, members) => {
    expectSame(Buffer.from(`{"PartitionKey":"p","RowKey":"r"${members === "" ? "" : `,${members}`}}`, "utf8"));
  });

  it("takes nothing for granted that the entity before had", () => {
    const read = (json: string) => expectSame(Buffer.from(json));
    expect(read('{"PartitionKey":"p","v":"x","l":"1","l@odata.type":"Edm.Int64"}')).toBe(true);
    expect(read('{"PartitionKey":"p","v":1.5,"l":"2","l@odata.type":"Edm.Int64"}')).toBe(true);
    for (const [key, v, l] of [["false", "1", '"1"'], ["1", "1", '"1"'], ['"p"', "01", '"1"'], ['"p"', "1", '"x"']]) {
      expect(read(`{"PartitionKey":${key},"v":${v},"l":${l},"l@odata.type":"Edm.Int64"}`)).toBe(false);
    }
  });

  it("is taken by what a copy and the official SDK send, the type before or after its value", () => {
    const sent = (members: string) => {
      // Within other bytes, as in a batch.
      const buffer = Buffer.from(`{}\r\n{"PartitionKey":"p",${members},"RowKey":"r"} {}`);
      return readPlainEntity({ buffer, start: 2, end: buffer.length - 2 });
    };
    expect(sent('"d@odata.type":"Edm.Double","d":1.5,"n":1')).toBeInstanceOf(PlainEntity);
    expect(sent('"l":"1","l@odata.type":"Edm.Int64","s":"a\\"b\\n"')).toBeInstanceOf(PlainEntity);
    expect(sent('"odata.etag":"W/\\"x\\"","Timestamp":"2026-01-01T00:00:00Z"')).toBeInstanceOf(PlainEntity);
    const properties = sent('"l":"1","l@odata.type":"Edm.Int64","s":"a\\"b\\n"')?.properties;
    expect(properties?.get("l")).toEqual({ type: "Edm.Int64", value: 1n });
    expect(properties?.get("s")).toEqual({ type: "Edm.String", value: 'a"b\n' });
  });
});
