import type { Logged } from "./applicationLog";

/** What the move has to account for. */
export interface Evidence {
  /** Rows before anybody wrote, by key: their value. */
  readonly loaded: ReadonlyMap<string, string>;
  /** Logs of all application processes. */
  readonly logs: readonly (readonly Logged[])[];
  /** Rows of the destination in the end, by key: their value. */
  readonly destination: ReadonlyMap<string, string>;
}

/** Every row, sorted by where it comes from, and what cannot be explained. */
export interface Account {
  readonly untouched: number;
  readonly lastWrittenInSource: number;
  readonly lastWrittenInDestination: number;
  readonly deleted: number;
  /** Should be in the destination, and are not. */
  readonly lost: readonly string[];
  /** Hold something else than what was written last. */
  readonly stale: readonly string[];
  /** Nobody wrote them, or somebody deleted them. */
  readonly unexplained: readonly string[];
}

export function keyText({ partitionKey, rowKey }: { readonly partitionKey: string; readonly rowKey: string }): string {
  return `${partitionKey} / ${rowKey}`;
}

/**
 * What each row should hold by the applications' own logs, and whether it does. The destination is newer: what was
 * written or deleted there is the last word on a row, whatever a late writer did to it in the source. Each key is
 * changed in the source by one process only, and its log is in the order of what happened.
 */
export function accountFor({ loaded, logs, destination }: Evidence): Account {
  const last = new Map<string, Logged>();
  for (const place of ["source", "destination"] as const) {
    for (const log of logs) {
      for (const logged of log) if (logged.place === place) last.set(keyText(logged), logged);
    }
  }
  const lost: string[] = [];
  const stale: string[] = [];
  const counts = { untouched: 0, lastWrittenInSource: 0, lastWrittenInDestination: 0, deleted: 0 };
  const unexplained = [...destination.keys()].filter((key) => !loaded.has(key) && !last.has(key));
  for (const key of new Set([...loaded.keys(), ...last.keys()])) {
    const logged = last.get(key);
    const expected = logged === undefined ? loaded.get(key) : logged.value;
    const held = destination.get(key);
    if (expected === undefined) {
      if (held === undefined) counts.deleted += 1;
      else unexplained.push(key);
      continue;
    }
    if (held === undefined) lost.push(key);
    else if (held !== expected) stale.push(`${key}: holds "${held}", should hold "${expected}"`);
    else if (logged === undefined) counts.untouched += 1;
    else if (logged.place === "source") counts.lastWrittenInSource += 1;
    else counts.lastWrittenInDestination += 1;
  }
  return { ...counts, lost, stale, unexplained };
}
