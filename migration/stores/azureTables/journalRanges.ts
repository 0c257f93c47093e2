import { type RangeRecord, RANGES_RECORDED_MAX, WHOLE_TABLE } from "../../engine/journal";
import { compareKeys, type RowKey } from "../../engine/row";
import { type JournalEntity, journalUnreadable, type ReadEntity } from "./journalEntity";

type Properties = Record<string, JournalEntity["properties"][string]>;

function keyProperties(name: string, key: RowKey | undefined): Properties {
  return key ? { [`${name}Partition`]: key.partitionKey, [`${name}Row`]: key.rowKey } : {};
}

/**
 * The ranges as properties of the table's own entity: they move in one step with everything else in it. Seven for each
 * range, so that the most there can be stay far below the 252 of an entity.
 */
export function writeRanges(ranges: readonly RangeRecord[]): Properties {
  const properties: Properties = { ranges: ranges.length };
  ranges.forEach(({ upTo, position, firstSequence, sequence, complete }, at) => {
    const name = `range${at}`;
    properties[`${name}First`] = firstSequence;
    properties[`${name}Sequence`] = sequence;
    properties[`${name}Complete`] = complete;
    Object.assign(properties, keyProperties(`${name}UpTo`, upTo), keyProperties(`${name}Position`, position));
  });
  return properties;
}

/** A journal of an earlier release has one position for the whole table. */
function rangeOfOld(entity: ReadEntity): readonly RangeRecord[] {
  const position = entity.has("positionPartition") ? { position: entity.key("position") } : {};
  return [{ ...WHOLE_TABLE, sequence: entity.number("sequence"), ...position }];
}

/** Throws `JournalUnreadable` for what this program would not have written. */
export function readRanges(row: RowKey, entity: ReadEntity): readonly RangeRecord[] {
  if (!entity.has("ranges")) return rangeOfOld(entity);
  const count = entity.number("ranges");
  if (count < 1 || count > RANGES_RECORDED_MAX) throw journalUnreadable(row, "ranges");
  const ranges = Array.from({ length: count }, (_, at): RangeRecord => {
    const name = `range${at}`;
    return {
      firstSequence: entity.number(`${name}First`),
      sequence: entity.number(`${name}Sequence`),
      complete: entity.flag(`${name}Complete`),
      ...(entity.has(`${name}UpToPartition`) ? { upTo: entity.key(`${name}UpTo`) } : {}),
      ...(entity.has(`${name}PositionPartition`) ? { position: entity.key(`${name}Position`) } : {}),
    };
  });
  ranges.forEach((range, at) => {
    // Only the last is open, and each follows the one before it: a gap would lose rows without a word.
    const next = ranges[at + 1];
    if ((next === undefined) !== (range.upTo === undefined)) throw journalUnreadable(row, `range ${at}`);
    if (!next || !range.upTo) return;
    const inOrder = next.firstSequence > range.firstSequence && range.sequence <= next.firstSequence;
    if (!inOrder || (next.upTo && compareKeys(range.upTo, next.upTo) >= 0)) throw journalUnreadable(row, `range ${at}`);
  });
  return ranges;
}
