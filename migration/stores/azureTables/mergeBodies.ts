import { membersOf } from "./entity";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

interface Pieces {
  /** PartitionKey and RowKey with their annotations, as they are spelt. */
  readonly keys: readonly Buffer[];
  /** Property name -> annotation (if any) and property as they are spelt; undefined for null. */
  readonly properties: ReadonlyMap<string, Buffer | undefined>;
}

function spelling(members: Members, i: number): Buffer {
  return Buffer.from(members.bytes.subarray((members.nameStart[i] as number) - 1, members.valueEnd[i]));
}

const COMMA = Buffer.from(",");

function piecesOf(body: Uint8Array): Pieces {
  const members = membersOf(body);
  const keys: Buffer[] = [];
  const properties = new Map<string, Buffer | undefined>();
  for (let i = 0; i < members.count; i++) {
    const role = members.role[i];
    if (role === ROLE.partitionKey || role === ROLE.rowKey || role === ROLE.keyAnnotation) {
      keys.push(spelling(members, i));
    } else if (role === ROLE.property) {
      const annotation = (members.partner[i] as number) - 1;
      const parts = annotation < 0 ? [] : [spelling(members, annotation), COMMA];
      const isNull = members.kind[i] === KIND.null;
      properties.set(members.name(i), isNull ? undefined : Buffer.concat([...parts, spelling(members, i)]));
    }
  }
  return { keys, properties };
}

/**
 * The entity a service stores after `update` was written over `existing` (undefined: nothing stays of it).
 * Null means "not there": it is left out, and in a merge it changes nothing.
 */
export function mergeBodies(existing: Uint8Array | undefined, update: Uint8Array): Buffer {
  const { keys, properties } = piecesOf(update);
  const merged = new Map(existing === undefined ? [] : piecesOf(existing).properties);
  for (const [name, bytes] of properties) if (bytes !== undefined) merged.set(name, bytes);
  const kept = [...keys, ...[...merged.values()].filter((bytes) => bytes !== undefined)];
  const separated = kept.flatMap((bytes, i) => (i === 0 ? [bytes] : [COMMA, bytes]));
  return Buffer.concat([Buffer.from("{"), ...separated, Buffer.from("}")]);
}
