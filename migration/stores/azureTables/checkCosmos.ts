import type { Row } from "../../engine/row";
import type { RowFinding } from "../../engine/rowFormat";
import { COSMOS_ENTITY_BYTES_MAX, COSMOS_PARTITION_KEY_BYTES_MAX, COSMOS_ROW_KEY_BYTES_MAX } from "./limits";
import { checkKeyCharacters, Findings } from "./rowFindings";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

/** The document's own names, in any case: some break the service, some the table (azure-cosmos-table-dotnet 65). */
const RESERVED = /^(?:id|rid|etag|resourceid)$/i;

/** A property becomes `"name":{"$t":16,"$v":...},` in the document that is stored. */
const PROPERTY_OVERHEAD_BYTES = 20;
/** The document's own members, besides the two keys that it holds twice. */
const DOCUMENT_OVERHEAD_BYTES = 64;

function checkKey(findings: Findings, name: string, key: string, bytesMax: number): void {
  const bytes = Buffer.byteLength(key, "utf8");
  if (bytes === 0) {
    findings.add("KeyEmpty", `the ${name} is empty, which Cosmos DB for Table does not take`,
      "Give the row a key in the source.");
  }
  if (bytes > bytesMax) {
    findings.add("KeyValueTooLarge", `the ${name} has ${bytes} bytes of UTF-8, at most ${bytesMax} fit`,
      "Give the row a shorter key in the source.");
  }
  checkKeyCharacters(findings, name, key);
}

/** Everything that Cosmos DB for Table is known to refuse in this row, or to be broken by: rule, row and remedy. */
export function checkCosmosRow(row: Row, members: Members): readonly RowFinding[] {
  const findings = new Findings(row);
  checkKey(findings, "PartitionKey", row.partitionKey, COSMOS_PARTITION_KEY_BYTES_MAX);
  checkKey(findings, "RowKey", row.rowKey, COSMOS_ROW_KEY_BYTES_MAX);
  let bytes = DOCUMENT_OVERHEAD_BYTES +
    2 * (Buffer.byteLength(row.partitionKey, "utf8") + Buffer.byteLength(row.rowKey, "utf8"));
  const byFolded = new Map<string, string>();
  for (let i = 0; i < members.count; i++) {
    if (members.role[i] !== ROLE.property || members.kind[i] === KIND.null) continue;
    const name = members.name(i);
    if (RESERVED.test(name)) {
      findings.add("PropertyNameReserved", "the name belongs to Cosmos DB itself (id, rid, etag, ResourceId)",
        `Rename the property on the way (--rename-property TABLE.${name}=NEW).`, name);
    }
    const folded = name.toLowerCase();
    const twin = byFolded.get(folded);
    if (twin !== undefined) {
      findings.add("PropertyNamesDifferByCase",
        `the names ${JSON.stringify(twin)} and ${JSON.stringify(name)} differ by case only, and not all that reads `
          + "Cosmos DB tells them apart",
        `Rename one of them on the way (--rename-property TABLE.${name}=NEW).`, name);
    }
    byFolded.set(folded, name);
    const valueBytes = (members.valueEnd[i] as number) - (members.valueStart[i] as number);
    bytes += PROPERTY_OVERHEAD_BYTES + Buffer.byteLength(name, "utf8") + valueBytes;
  }
  if (bytes > COSMOS_ENTITY_BYTES_MAX) {
    findings.add("EntityTooLarge",
      `the entity takes about ${bytes} bytes as JSON (binary as base64), at most ${COSMOS_ENTITY_BYTES_MAX} fit`,
      "Split the row in the source, or move large values elsewhere.");
  }
  return findings.found;
}
