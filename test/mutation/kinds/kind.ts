import type { Chance } from "../chance";
import { type ModelRow, type Property, type RowChange, sameProperty, withProperty } from "../row";

export type Group = "value" | "type" | "property" | "row";

/** One way to make two equal tables unequal. */
export interface Kind {
  readonly name: string;
  readonly group: Group;
  /** The service would refuse or normalise it: only a page made for the purpose can hold it. */
  readonly canned?: boolean;
  /** Undefined where the table has nothing that this could be done to. */
  make(rows: readonly ModelRow[], chance: Chance): readonly RowChange[] | undefined;
}

/** Changes one property, chosen from those it can be done to; `change` may decline a property by returning none. */
export function onProperty(
  group: Group,
  name: string,
  change: (property: Property, chance: Chance) => Property | undefined,
  canned = false,
): Kind {
  return {
    name,
    group,
    ...(canned && { canned }),
    make(rows, chance) {
      const candidates = rows.flatMap((row) => row.properties.flatMap((before) => {
        const after = change(before, chance);
        const differs = after !== undefined && (after.name !== before.name || !sameProperty(before, after));
        return differs ? [{ row, before, after }] : [];
      }));
      if (candidates.length === 0) return undefined;
      const { row, before, after } = chance.pick(candidates);
      // A new name must not be taken already: that would be two changes.
      const renamed = after.name !== before.name;
      if (renamed && row.properties.some(({ name: taken }) => taken === after.name)) return undefined;
      return [{ before: row, after: withProperty(row, before.name, after) }];
    },
  };
}
