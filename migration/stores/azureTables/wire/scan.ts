import { isUtf8 } from "node:buffer";
import type { Row } from "../../../engine/row";
import { Bodies } from "../bodies";
import { rowOf, type RowParts } from "../entity";
import { kernelInUse } from "../kernel";
import type { Kernel } from "../kernel/kernel";
import { JsonScanner, malformed } from "./json";
import { Members } from "./members";

function checkText(answer: Buffer): void {
  // One fast pass: what follows may treat bytes as text without losing any.
  if (!isUtf8(answer)) throw malformed("bytes that are not UTF-8", 0);
}

/**
 * The entities of a page: `{"odata.metadata": ..., "value": [...]}` with members in any order and any white space.
 * Values are sliced, not parsed. Throws `MalformedResponse` (retryable) unless the page is whole: never a short page.
 */
export function scanPage(answer: Buffer, parts: RowParts, kernel: Kernel = kernelInUse()): Row[] {
  checkText(answer);
  const scanner = new JsonScanner(answer);
  const rows: Row[] = [];
  let found = false;
  kernel.open(answer, parts);
  const element = (at: number) => kernel.entities(at, rows);
  const end = scanner.object(scanner.space(0), (nameStart, nameEnd, value) => {
    const isValue = scanner.escaped
      ? JSON.parse(answer.toString("utf8", nameStart - 1, nameEnd + 1)) === "value"
      : nameEnd - nameStart === 5 && answer.toString("latin1", nameStart, nameEnd) === "value";
    if (!isValue) return scanner.value(value);
    if (found) throw malformed('two members named "value"', nameStart);
    found = true;
    return scanner.array(value, element);
  });
  scanner.end(end);
  if (!found) throw malformed('no member named "value"', 0);
  return rows;
}

/** One is enough: scanning is synchronous, and a row keeps nothing of it. */
const members = new Members();

/** The answer to a request for one entity. */
export function scanEntity(answer: Buffer, parts: RowParts): Row {
  checkText(answer);
  const scanner = members.open(answer);
  scanner.end(members.entity(scanner.space(0)));
  return rowOf(members, parts, new Bodies(answer.length));
}
