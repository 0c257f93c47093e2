import type { Row } from "../../engine/row";
import type { RowFinding } from "../../engine/rowFormat";
import { canonicalise, emptyCanonical } from "./canonical";
import {
  ENTITY_BYTES_MAX, KEY_CHARS_MAX, PROPERTIES_MAX, PROPERTY_NAME_CHARS_MAX, VALUE_BYTES_MAX, YEAR_MIN,
} from "./limits";
import { checkKeyCharacters, Findings } from "./rowFindings";
import { EDM, edmName } from "./wire/edm";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

/** What a C# identifier may be, which is what Storage takes for a property's name. */
const IDENTIFIER = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\p{Cf}]*$/u;

/** Bytes of a value in Storage's own accounting, less the length field of strings and binary. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  [EDM.boolean]: 1, [EDM.int32]: 4, [EDM.int64]: 8, [EDM.double]: 8, [EDM.dateTime]: 8, [EDM.guid]: 16,
};

const LENGTH_FIELD_BYTES = 4;
const ENTITY_OVERHEAD_BYTES = 4;
const PROPERTY_OVERHEAD_BYTES = 8;

/** Days from 0001-01-01 to 1601-01-01, as canonical dates count them: four times 400 years of 146,097 days. */
const DAY_MIN = 4 * 146_097;

const value = emptyCanonical();

function checkKey(findings: Findings, name: string, key: string): void {
  if (key.length > KEY_CHARS_MAX) {
    findings.add("KeyValueTooLarge", `the ${name} has ${key.length} UTF-16 units, at most ${KEY_CHARS_MAX} fit`,
      "Give the row a shorter key in the source.");
  }
  checkKeyCharacters(findings, name, key);
}

function checkName(findings: Findings, name: string): void {
  if (name.length > PROPERTY_NAME_CHARS_MAX) {
    findings.add("PropertyNameTooLong", `a name of ${name.length} characters, at most ${PROPERTY_NAME_CHARS_MAX} fit`,
      "Rename the property.", name);
  }
  if (!IDENTIFIER.test(name)) {
    findings.add("PropertyNameInvalid", "the name is not a C# identifier (letters, digits and _, no digit first)",
      "Rename the property.", name);
  }
}

/** Checks a value and returns its bytes in Storage's accounting. */
function checkValue(findings: Findings, members: Members, i: number, name: string): number {
  canonicalise(members, i, value);
  const fixed = FIXED_BYTES[value.type];
  if (value.type === EDM.dateTime) {
    const days = Buffer.from(value.bytes.buffer, value.bytes.byteOffset).readUInt32LE(0);
    if (days < DAY_MIN) {
      findings.add("DateOutOfRange", `the date is before ${YEAR_MIN}-01-01, where Edm.DateTime begins`,
        "Correct the date in the source, or leave the property out.", name);
    }
  }
  if (fixed !== undefined) return fixed;
  const bytes = value.type === EDM.string ? 2 * members.text(i).length : base64Bytes();
  if (bytes > VALUE_BYTES_MAX) {
    findings.add("PropertyValueTooLarge",
      `${edmName(value.type)} of ${bytes} bytes${value.type === EDM.string ? " (UTF-16)" : ""}, at most ` +
        `${VALUE_BYTES_MAX} fit`,
      "Shorten or split the value in the source.", name);
  }
  return bytes + LENGTH_FIELD_BYTES;
}

function base64Bytes(): number {
  const { bytes, start, end } = value;
  const padding = end === start || bytes[end - 1] !== 0x3d ? 0 : bytes[end - 2] !== 0x3d ? 1 : 2;
  return ((end - start) / 4) * 3 - padding;
}

/** Everything that Azure Table Storage would refuse in this row: rule, row and remedy. */
export function checkRow(row: Row, members: Members): readonly RowFinding[] {
  const findings = new Findings(row);
  checkKey(findings, "PartitionKey", row.partitionKey);
  checkKey(findings, "RowKey", row.rowKey);
  let bytes = ENTITY_OVERHEAD_BYTES + 2 * (row.partitionKey.length + row.rowKey.length);
  let properties = 0;
  for (let i = 0; i < members.count; i++) {
    if (members.role[i] !== ROLE.property || members.kind[i] === KIND.null) continue;
    const name = members.name(i);
    properties++;
    checkName(findings, name);
    bytes += PROPERTY_OVERHEAD_BYTES + 2 * name.length + checkValue(findings, members, i, name);
  }
  if (properties > PROPERTIES_MAX) {
    findings.add("TooManyProperties",
      `${properties} properties, at most ${PROPERTIES_MAX} fit besides the system's three`,
      "Split the row in the source, or leave properties out.");
  }
  if (bytes > ENTITY_BYTES_MAX) {
    findings.add("EntityTooLarge", `the entity takes ${bytes} bytes, at most ${ENTITY_BYTES_MAX} fit`,
      "Split the row in the source, or move large values elsewhere.");
  }
  return findings.found;
}
