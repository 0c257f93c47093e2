import { spread } from "../explore";
import { type FirstAfter, firstInside, type Line, PARTITIONS, rowsOf, wellFormed } from "../keysBetween";
import { compareKeys, type RowKey } from "../row";

/** Branches that are followed one by one; what lies behind the last of them stays together. */
const BRANCHES_MAX = 40;

/**
 * Up to `count` keys behind `after` and before `upTo`, where keys branch, in their order. Asks as little as it can, one
 * question after the other: which of the characters is the first that differs (by halves, since keys that branch at one
 * branch behind it, too), and then for the next key whose character there is another. `keysBetween` asks more at once,
 * and finds its keys sooner.
 */
export async function branchKeys(
  firstAfter: FirstAfter,
  after: RowKey,
  upTo: RowKey | undefined,
  count: number,
): Promise<readonly RowKey[]> {
  const inside = firstInside(firstAfter, after, upTo);
  const onePartition = upTo?.partitionKey === after.partitionKey;
  const partitions = onePartition ? [] : await branchesOn(PARTITIONS, inside, after);
  const found = partitions.length > 0 ? partitions : await branchesOn(rowsOf(after.partitionKey), inside, after);
  return spread(found, count);
}

async function branchesOn(line: Line, inside: FirstAfter, after: RowKey): Promise<readonly RowKey[]> {
  const from = line.text(after);
  const ask = async (prefix: string, unit: number) => {
    const text = wellFormed(prefix, unit);
    const key = text === undefined ? undefined : await inside(line.at(text));
    return key && line.holds(key) ? key : undefined;
  };
  const behind = (level: number) => ask(from.slice(0, level), level < from.length ? from.charCodeAt(level) + 1 : 0);
  if (!(await behind(from.length))) return [];
  let [low, high] = [0, from.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (await behind(middle)) high = middle;
    else low = middle + 1;
  }
  const prefix = from.slice(0, high);
  const found: RowKey[] = [];
  let unit = high < from.length ? from.charCodeAt(high) : -1;
  while (found.length < BRANCHES_MAX) {
    const key = await ask(prefix, unit + 1);
    if (!key || !line.text(key).startsWith(prefix)) break;
    const next = line.text(key).charCodeAt(high);
    // A text that the service puts elsewhere than asked for would be found again and again.
    if (Number.isNaN(next) || next <= unit) break;
    unit = next;
    found.push(line.before(key));
  }
  return found.filter((key) => compareKeys(key, after) > 0);
}
