import { refuse } from "./errors";
import type { Continuation } from "./paging";
import { readToken, writeToken } from "./paging";
import type { Profile } from "./profile";

const PARTITION = "x-ms-continuation-nextpartitionkey";
const ROW = "x-ms-continuation-nextrowkey";

/** What stands for a row key where the token says everything, as recorded. */
const NO_ROW = "NA";

/** The headers that say where a page goes on. Cosmos puts JSON there: only percent-encoded it fits into an address. */
export function continuationHeaders(next: Continuation, profile: Profile): Readonly<Record<string, string>> {
  if (profile.ordered) {
    const { partitionKey, rowKey } = next;
    const partition = { [PARTITION]: writeToken(partitionKey) };
    return rowKey === undefined ? partition : { ...partition, [ROW]: writeToken(rowKey) };
  }
  const token = Buffer.from(JSON.stringify([next.partitionKey, next.rowKey ?? ""]), "utf8").toString("base64");
  return { [PARTITION]: JSON.stringify({ token, range: { min: "", max: "FF" } }), [ROW]: NO_ROW };
}

function readPlace(text: string): Continuation {
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    const place: unknown = JSON.parse(Buffer.from(String(token), "base64").toString("utf8"));
    if (Array.isArray(place) && typeof place[0] === "string" && typeof place[1] === "string") {
      return { partitionKey: place[0], rowKey: place[1] };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refuse.invalidInput(`The continuation ${text} is not valid.`);
}

/** Where a request goes on; undefined: it begins. */
export function continuationOf(query: URLSearchParams, profile: Profile): Continuation | undefined {
  const partition = query.get("NextPartitionKey");
  const row = query.get("NextRowKey");
  if (partition === null) {
    if (row !== null) throw refuse.invalidInput("NextRowKey is given without NextPartitionKey.");
    return undefined;
  }
  if (profile.ordered) return { partitionKey: readToken(partition), rowKey: row === null ? undefined : readToken(row) };
  if (row !== NO_ROW) throw refuse.invalidInput("NextRowKey is not what the last page said.");
  return readPlace(partition);
}
