import { createHash } from "node:crypto";
import type { SimulatedAccount } from "../test/simulated";
import type { Comparison } from "./protocol";

/**
 * A row's own bytes without what the server sets (ETag and Timestamp), in order of the members' names: the service
 * spells equal values equally, whoever wrote them. Hashed, since only equality counts.
 */
function digest(wire: Buffer): string {
  const text = wire.toString("utf8");
  const members = text.match(/"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|[^,}]+)/g) ?? [];
  const own = members.filter((member) => !/^"(?:odata\.etag|Timestamp)":/.test(member)).sort();
  return createHash("sha256").update(own.join("\n")).digest("base64");
}

const BETWEEN = Buffer.from('","PartitionKey"');
const TIMESTAMP = Buffer.from('"Timestamp":"');

/** True where two rows have the same bytes, but for ETag and Timestamp: the usual case, at little cost. */
function sameBytes(a: Buffer, b: Buffer): boolean {
  const [from, other] = [a.indexOf(BETWEEN), b.indexOf(BETWEEN)];
  const [time, otherTime] = [a.indexOf(TIMESTAMP, from), b.indexOf(TIMESTAMP, other)];
  if (a.compare(b, other, otherTime, from, time) !== 0) return false;
  const [rest, otherRest] = [a.indexOf(0x22, time + TIMESTAMP.length), b.indexOf(0x22, otherTime + TIMESTAMP.length)];
  return a.compare(b, otherRest, b.length, rest, a.length) === 0;
}

const KEYS = /"PartitionKey":("(?:[^"\\]|\\.)*"),"RowKey":("(?:[^"\\]|\\.)*")/;

function keyOf(wire: Buffer): string {
  return KEYS.exec(wire.toString("utf8"))?.[0] ?? "";
}

/** How the first `rows` of a table arrived in another account. */
export function compareTables(
  source: SimulatedAccount,
  destination: SimulatedAccount,
  table: string,
  rows: number,
): Comparison {
  const wanted = source.wireRows(table).slice(0, rows);
  const arrived = destination.wireRows(table);
  const byKey = new Map(arrived.map((wire) => [keyOf(wire), wire]));
  let missing = 0;
  let altered = 0;
  for (const wire of wanted) {
    const other = byKey.get(keyOf(wire));
    if (other === undefined) missing += 1;
    else if (!sameBytes(wire, other) && digest(wire) !== digest(other)) altered += 1;
  }
  return { arrived: arrived.length, missing, altered };
}
