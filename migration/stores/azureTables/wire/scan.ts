import { isUtf8 } from "node:buffer";
import type { Row } from "../../../engine/row";
import { Bodies } from "../bodies";
import { rowOf, type RowParts } from "../entity";
import { malformed } from "./json";
import { Members } from "./members";

/** One is enough: scanning is synchronous, and a row keeps nothing of it. */
const members = new Members();

function open(answer: Buffer) {
  // One fast pass: what follows may treat bytes as text without losing any.
  if (!isUtf8(answer)) throw malformed("bytes that are not UTF-8", 0);
  return members.open(answer);
}

/**
 * The entities of a page: `{"odata.metadata": ..., "value": [...]}` with members in any order and any white space.
 * Values are sliced, not parsed. Throws `MalformedResponse` (retryable) unless the page is whole: never a short page.
 */
export function scanPage(answer: Buffer, parts: RowParts): Row[] {
  const scanner = open(answer);
  const rows: Row[] = [];
  const bodies = new Bodies(parts.keysOnly ? 0 : answer.length);
  let found = false;
  const element = (at: number): number => {
    const end = members.entity(at);
    rows.push(rowOf(members, parts, bodies));
    return end;
  };
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

/** The answer to a request for one entity. */
export function scanEntity(answer: Buffer, parts: RowParts): Row {
  const scanner = open(answer);
  scanner.end(members.entity(scanner.space(0)));
  return rowOf(members, parts, new Bodies(answer.length));
}
