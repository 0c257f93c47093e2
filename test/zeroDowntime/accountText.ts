import type { Account } from "./account";
import type { MoveResult } from "./move";

/** Nothing is missing, nothing older than it should be, nothing that nobody wrote. */
export function isWhole({ lost, stale, unexplained }: Account): boolean {
  return lost.length + stale.length + unexplained.length === 0;
}

const NAMED_MAX = 20;

function named(title: string, keys: readonly string[]): readonly string[] {
  const more = keys.length > NAMED_MAX ? [`  and ${keys.length - NAMED_MAX} more`] : [];
  return [`${title}: ${keys.length}`, ...keys.slice(0, NAMED_MAX).map((key) => `  ${key}`), ...more];
}

export function accountLines({ account, changes, conflicts }: MoveResult): readonly string[] {
  const surviving = account.untouched + account.lastWrittenInSource + account.lastWrittenInDestination;
  return [
    `${changes} changes were acknowledged to the application.`,
    `${conflicts} late changes met newer data, and were reported.`,
    `${surviving} rows are in the destination as they should be:`,
    `  ${account.untouched} as they were loaded`,
    `  ${account.lastWrittenInSource} last written in the source, some of them after the switch`,
    `  ${account.lastWrittenInDestination} last written in the destination`,
    `${account.deleted} rows were deleted, and are gone.`,
    ...named("Lost", account.lost),
    ...named("Stale", account.stale),
    ...named("Unexplained", account.unexplained),
  ];
}
