import { createXXHash128, type IHasher } from "hash-wasm";
import { assert } from "../../engine/errors";
import type { Digest } from "../../engine/row";
import { canonicalise, emptyCanonical } from "./canonical";
import { EDM } from "./wire/edm";
import { addLanes, hashInto } from "./wire/memberHash";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

/** Goes into reports: digests compare only within one version. Any change to what is hashed raises it. */
export const DIGEST_VERSION = 1;

/** Where the words of a property start: four different ones (digits of pi), so that short texts fill all four. */
const START = Int32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);

let hasher: IHasher | undefined;

/** To be awaited once, before `digestOf`: WebAssembly starts asynchronously. */
export async function prepareDigest(): Promise<void> {
  hasher ??= await createXXHash128();
}

const lanes = new Int32Array(4);
const sum = new Uint32Array(4);
const value = emptyCanonical();
/** Sum of the properties (16), length of the partition key in bytes (4), partition key, row key (UTF-16). */
const HEADER_BYTES = 20;
let final = Buffer.alloc(HEADER_BYTES + 4096);

function addProperty(members: Members, i: number): void {
  canonicalise(members, i, value);
  if (value.type === EDM.none) return;
  lanes.set(START);
  hashInto(lanes, members.nameBytes(i), members.nameBytesStart(i), members.nameBytesEnd(i));
  lanes[0] = (lanes[0] as number) ^ value.type;
  hashInto(lanes, value.bytes, value.start, value.end);
  addLanes(sum, lanes);
}

/**
 * The digest of an entity: each property's (name, type, canonical value) is hashed, the hashes are summed modulo 2^128
 * (so that order does not matter), and the sum is hashed together with the keys.
 * Throws `ValueInvalid` where a value does not fit its type.
 */
export function digestOf(members: Members, partitionKey: string, rowKey: string): Digest {
  assert(hasher !== undefined, "prepareDigest was not awaited before a digest was asked for");
  sum.fill(0);
  for (let i = 0; i < members.count; i++) {
    if (members.role[i] === ROLE.property && members.kind[i] !== KIND.null) addProperty(members, i);
  }
  const size = HEADER_BYTES + 2 * (partitionKey.length + rowKey.length);
  if (size > final.length) final = Buffer.alloc(2 * size);
  for (let i = 0; i < 4; i++) final.writeUInt32LE(sum[i] as number, 4 * i);
  final.writeUInt32LE(2 * partitionKey.length, 16);
  final.write(partitionKey, HEADER_BYTES, "utf16le");
  final.write(rowKey, HEADER_BYTES + 2 * partitionKey.length, "utf16le");
  const result = hasher.init().update(final.subarray(0, size)).digest("binary");
  const view = new DataView(result.buffer, result.byteOffset, 16);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}
