import { OperationalError } from "../../engine/errors";
import { describeKey, type Row } from "../../engine/row";
import type {
  CopyMode, PropertyDifference, PropertyRenames, RowFormat, TypedText,
} from "../../engine/rowFormat";
import { canonicalise, emptyCanonical, typeOf } from "./canonical";
import { checkRow } from "./check";
import { checkCosmosRow } from "./checkCosmos";
import { cosmosCapacity } from "./cosmosCapacity";
import { membersOf, rowOfBody } from "./entity";
import { mergeBodies } from "./mergeBodies";
import { edmName } from "./wire/edm";
import { ANNOTATION_SUFFIX, ROLE } from "./wire/roles";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";

interface Property {
  readonly shown: TypedText;
  /** Type and canonical value: equal texts, equal values. */
  readonly canonical: string;
}

const value = emptyCanonical();

function propertyOf(members: Members, i: number): Property {
  const type = typeOf(members, i);
  canonicalise(members, i, value);
  const bytes = Buffer.from(value.bytes.buffer, value.bytes.byteOffset + value.start, value.end - value.start);
  return {
    canonical: `${type}:${bytes.toString("latin1")}`,
    shown: { type: edmName(type), value: members.text(i) },
  };
}

/** Properties by name, without nulls: in a table, null means "not there". */
function propertiesOf(row: Row): ReadonlyMap<string, Property> {
  const members = membersOf(row.body);
  const found = new Map<string, Property>();
  for (let i = 0; i < members.count; i++) {
    if (members.role[i] !== ROLE.property || members.kind[i] === KIND.null) continue;
    const name = members.name(i);
    if (found.has(name)) {
      throw new OperationalError({
        code: "PropertyTwice",
        message: `Row ${describeKey(row)} holds property ${JSON.stringify(name)} twice: which value counts is ` +
          "unknown. Write the row anew in the table it was read from.",
      });
    }
    found.set(name, propertyOf(members, i));
  }
  return found;
}

function differences(source: Row, destination: Row, mode: CopyMode): readonly PropertyDifference[] {
  const wanted = propertiesOf(source);
  const held = propertiesOf(destination);
  const names = mode === "merge" ? [...wanted.keys()] : [...new Set([...wanted.keys(), ...held.keys()])];
  // The default order of strings is ordinal.
  return names.sort().flatMap((name) => {
    const from = wanted.get(name);
    const to = held.get(name);
    if (from?.canonical === to?.canonical) return [];
    return [{
      name,
      ...(from === undefined ? {} : { source: from.shown }),
      ...(to === undefined ? {} : { destination: to.shown }),
    }];
  });
}

const SYSTEM: ReadonlySet<string> = new Set(["PartitionKey", "RowKey", "Timestamp"]);

function checkRenames(renames: PropertyRenames): void {
  for (const [from, to] of renames) {
    const system = [from, to].find((name) => SYSTEM.has(name));
    if (system === undefined) continue;
    throw new OperationalError({
      code: "RenameReserved",
      message: `The rename of property ${JSON.stringify(from)} to ${JSON.stringify(to)} touches ${system}, a ` +
        "system property: it can be neither renamed nor the new name of another. Choose another name.",
    });
  }
}

/** The name a member gets: an annotation follows its property. */
function newName(members: Members, i: number, renames: PropertyRenames): string | undefined {
  const name = members.name(i);
  if (members.role[i] === ROLE.property) return renames.get(name);
  if (members.role[i] !== ROLE.annotation) return undefined;
  const renamed = renames.get(name.slice(0, -ANNOTATION_SUFFIX.length));
  return renamed === undefined ? undefined : `${renamed}${ANNOTATION_SUFFIX.toString()}`;
}

function checkCollisions(row: Row, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      throw new OperationalError({
        code: "RenameCollision",
        message: `Row ${describeKey(row)}: after the renames, two properties would be named ${JSON.stringify(name)}, ` +
          "and one would be lost. Rename to a name that no row uses, or rename the other property too.",
      });
    }
    seen.add(name);
  }
}

function rename(row: Row, renames: PropertyRenames): Row {
  checkRenames(renames);
  if (renames.size === 0 || row.body.length === 0) return row;
  const members = membersOf(row.body);
  const pieces: Buffer[] = [];
  const names: string[] = [];
  let changed = false;
  for (let i = 0; i < members.count; i++) {
    const renamed = newName(members, i, renames);
    names.push(renamed ?? members.name(i));
    changed ||= renamed !== undefined;
    const rawName = members.bytes.subarray((members.nameStart[i] as number) - 1, (members.nameEnd[i] as number) + 1);
    const rawValue = members.bytes.subarray(members.valueStart[i], members.valueEnd[i]);
    const before = Buffer.from(i === 0 ? "{" : ",");
    pieces.push(before, renamed === undefined ? rawName : Buffer.from(JSON.stringify(renamed)), COLON, rawValue);
  }
  if (!changed) return row;
  checkCollisions(row, names);
  return rowOfBody(Buffer.concat([...pieces, CLOSE]), row.modified, row.version);
}

const COLON = Buffer.from(":");
const CLOSE = Buffer.from("}");

function merged(source: Row, destination: Row): Row {
  return rowOfBody(mergeBodies(destination.body, source.body), destination.modified, destination.version);
}

/** How rows of Azure tables look inside: OData JSON with typed values. Checks by Azure Storage's rules. */
export const azureTablesFormat: RowFormat = {
  differences, rename, merged, check: (row) => checkRow(row, membersOf(row.body)),
};

/** The same with Cosmos DB's rules. */
export const cosmosTablesFormat: RowFormat = {
  ...azureTablesFormat,
  check: (row) => checkCosmosRow(row, membersOf(row.body)),
  capacity: cosmosCapacity,
};

