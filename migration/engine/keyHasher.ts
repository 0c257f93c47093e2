import { Hash64 } from "./hash64";
import type { RowKey } from "./row";

const keyHash = new Hash64();

/** Hashes of keys, partition by partition: a partition key is hashed once for all of its rows that follow it. */
export class KeyHasher {
  private partitionKey: string | undefined;
  private high = 0;
  private low = 0;

  /** Valid until anybody hashes the next key. */
  hash(key: RowKey): Hash64 {
    if (key.partitionKey !== this.partitionKey) {
      keyHash.start().add(key.partitionKey);
      this.partitionKey = key.partitionKey;
      this.high = keyHash.high;
      this.low = keyHash.low;
    }
    return keyHash.from(this.high, this.low).add(key.rowKey);
  }
}
