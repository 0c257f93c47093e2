import { OperationalError } from "./errors";
import type { PreflightFinding } from "./outcome";
import type { Store } from "./store";

interface Sides {
  readonly source: Store;
  readonly destination: Store;
}

/**
 * A source whose rows come in no order. A copy goes through the source range by range, and resumes behind the last key
 * that was seen: it would miss rows without a word where keys come as they please.
 */
export function unorderedSides({ source }: Sides): readonly PreflightFinding[] {
  if (source.ordered) return [];
  return [{
    severity: "error",
    code: "UnorderedStore",
    side: "source",
    message:
      `The source, ${source.name}, hands out its rows in no order, as Cosmos DB for Table does. A copy goes through ` +
      "its source in key order and would miss rows there, so it was not begun. Name an Azure Storage account as the " +
      "source. Verifying needs no order.",
  }];
}

/** Throws `UnorderedStore` before anything happens where the source's rows come in no order. */
export function requireOrder(sides: Sides): void {
  const [first] = unorderedSides(sides);
  if (first !== undefined) throw new OperationalError({ code: first.code, message: first.message });
}
