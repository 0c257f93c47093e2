import { OperationalError } from "./errors";
import type { PreflightFinding } from "./outcome";
import type { Store } from "./store";

interface Sides {
  readonly source: Store;
  readonly destination: Store;
}

/**
 * The sides whose rows come in no order. Two sides are compared by walking them in step, and a range is resumed from
 * the last key that was seen: both would miss rows without a word where keys come as they please.
 */
export function unorderedSides(sides: Sides): readonly PreflightFinding[] {
  return (["source", "destination"] as const).filter((side) => !sides[side].ordered).map((side) => ({
    severity: "error",
    code: "UnorderedStore",
    side,
    message:
      `The ${side}, ${sides[side].name}, hands out its rows in no order, as Cosmos DB for Table does. Copying and ` +
      "verifying compare both sides in key order and would miss rows there, so neither was begun. " +
      `Name an Azure Storage account as the ${side}.`,
  }));
}

/** Throws `UnorderedStore` before anything happens where a side's rows come in no order. */
export function requireOrder(sides: Sides): void {
  const [first] = unorderedSides(sides);
  if (first !== undefined) throw new OperationalError({ code: first.code, message: first.message });
}
