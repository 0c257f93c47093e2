import * as fc from "fast-check";
import type { WriteOperation } from "../../../migration/engine/store";
import { parseBatchAnswer } from "../../../migration/stores/azureTables/wire/batchAnswer";
import { plainVersions } from "../../../migration/stores/azureTables/wire/plainBatchAnswer";
import { anyShare } from "./entities";

type Operation = Pick<WriteOperation, "kind">;

const TYPE = "multipart/mixed; boundary=batchresponse_7";
const INSERT: Operation = { kind: "insert" };
const DELETE: Operation = { kind: "delete" };

/** A part as Storage spells the result of a change. */
function part(etag: string | undefined): string {
  return "--changesetresponse_8\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
    "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n" +
    "DataServiceId: http://x/contoso/Cities(PartitionKey='p',RowKey='r')\r\n" +
    `${etag === undefined ? "" : `ETag: ${etag}\r\n`}\r\n\r\n`;
}

function answer(parts: readonly string[]): string {
  return `--batchresponse_7\r\nContent-Type: multipart/mixed; boundary=changesetresponse_8\r\n\r\n${parts.join("")}` +
    "--changesetresponse_8--\r\n--batchresponse_7--\r\n";
}

/** What the strict reader makes of it: a version for each operation, or undefined. */
function strictVersions(type: string, text: string, operations: readonly Operation[]): string[] | undefined {
  const answers = parseBatchAnswer(type, text);
  if (answers === undefined || answers.length !== operations.length) return undefined;
  if (answers.some(({ status }) => status < 200 || status > 299)) return undefined;
  const versions = operations.map(({ kind }, i) => (kind === "delete" ? "" : answers[i]?.headers.get("etag")));
  return versions.some((version) => version === undefined) ? undefined : (versions as string[]);
}

function plain(text: string, operations: readonly Operation[], type = TYPE): string[] | undefined {
  return plainVersions(type, Buffer.from(text, "latin1"), operations);
}

const TWO = answer([part('W/"1"'), part('W/"2"')]);

describe("the short way to read a batch's answer", () => {
  it("takes what Storage sends, deletes without an ETag among it", () => {
    expect(plain(TWO, [INSERT, INSERT])).toEqual(['W/"1"', 'W/"2"']);
    const mixed = answer([part('W/"1"'), part(undefined), part('W/"3"')]);
    expect(plain(mixed, [INSERT, DELETE, INSERT])).toEqual(['W/"1"', "", 'W/"3"']);
    expect(plain(TWO, [DELETE, INSERT])).toEqual(["", 'W/"2"']);
  });

  it.each<[string, string, readonly Operation[]]>([
    ["fewer parts than operations", TWO, [INSERT, INSERT, INSERT]],
    ["more parts than operations", TWO, [INSERT]],
    ["no ETag where there must be one", answer([part(undefined), part('W/"2"')]), [INSERT, INSERT]],
    ["a refusal among the parts", answer([part('W/"1"'), part('W/"2"').replace("204", "412")]), [INSERT, INSERT]],
    ["a refusal alone", answer([part('W/"1"').replace("204 No Content", "409 Conflict")]), [INSERT]],
    ["two ETags in one part", answer([part('W/"1"\r\nETag: W/"9"'), part('W/"2"')]), [INSERT, INSERT]],
    ["no end of the changeset", TWO.replace("--changesetresponse_8--\r\n", ""), [INSERT, INSERT]],
    ["no end of the batch", TWO.replace("--batchresponse_7--", ""), [INSERT, INSERT]],
    ["something after the end", `${TWO}x`, [INSERT, INSERT]],
    ["a body in a part", answer([part('W/"1"').replace(/\r\n\r\n\r\n$/, "\r\n\r\n{}\r\n")]), [INSERT]],
    ["nothing", "", [INSERT]],
  ])("leaves %s to the other reader", (_what, text, operations) => {
    expect(plain(text, operations)).toBeUndefined();
  });

  it("never says success, or another ETag, where the strict reader does not", () => {
    const piece = fc.constantFrom(
      "", "\r\n", "\n", "\r", "etag: W/\"8\"\r\n", " ETag : 7\r\n", "Expires: 0\r\n",
      "ETag: W/\"9\"\r\n", "\r\nETag: W/\"9\"", "--changesetresponse_8\r\n",
      "--changesetresponse_8--",
      "--batchresponse_7--\r\n", "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 500 X\r\n", "\r\n\r\n", "{}", "2", "x",
      part('W/"5"'), part(undefined), part('W/"6"').replace("204", "404"),
    );
    const edit = fc.record({ at: anyShare, cut: fc.nat({ max: 60 }), put: piece });
    const operations = fc.array(fc.constantFrom(INSERT, DELETE), { minLength: 1, maxLength: 4 });
    let accepted = 0;
    fc.assert(
      fc.property(operations, fc.array(edit, { maxLength: 2 }), (kinds, edits) => {
        let text = answer(kinds.map(({ kind }, i) => part(kind === "delete" && i % 2 === 1 ? undefined : `W/"${i}"`)));
        for (const { at, cut, put } of edits) {
          const from = Math.floor(at * text.length);
          text = text.slice(0, from) + put + text.slice(from + cut);
        }
        const found = plain(text, kinds);
        if (found === undefined) return;
        accepted += 1;
        expect(found).toEqual(strictVersions(TYPE, text, kinds));
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});
