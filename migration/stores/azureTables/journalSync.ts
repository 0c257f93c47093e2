import type { RowKey } from "../../engine/row";
import { PHASES, type SyncRecord } from "../../engine/sync/syncRecord";
import { type JournalEntity, journalUnreadable, type ReadEntity } from "./journalEntity";

type Properties = Record<string, JournalEntity["properties"][string]>;

const TIMES = {
  watermarkMs: "syncWatermark",
  passSinceMs: "syncPassSince",
  reconciledMs: "syncReconciled",
  switchedMs: "syncSwitched",
  drainedMs: "syncDrained",
} as const;

/** A live move's part of a table's entity. Times are milliseconds since 1970, by the source server's clock. */
export function writeSync(sync: SyncRecord | undefined): Properties {
  if (sync === undefined) return {};
  const properties: Properties = { syncPhase: sync.phase };
  for (const [field, name] of Object.entries(TIMES)) properties[name] = sync[field as keyof typeof TIMES];
  const { look } = sync;
  if (look) Object.assign(properties, { syncLook: look.atMs, syncLookRows: look.rows, syncLookDigest: look.digest });
  return properties;
}

/** Absent in the journal of a plain copy. Throws `JournalUnreadable` for what this program would not have written. */
export function readSync(row: RowKey, entity: ReadEntity): SyncRecord | undefined {
  if (!entity.has("syncPhase")) return undefined;
  const text = entity.text("syncPhase");
  const phase = PHASES.find((one) => one === text);
  if (phase === undefined) throw journalUnreadable(row, `phase (${JSON.stringify(text)})`);
  const times: { -readonly [K in keyof typeof TIMES]?: number } = {};
  for (const [field, name] of Object.entries(TIMES)) {
    if (entity.has(name)) times[field as keyof typeof TIMES] = entity.number(name);
  }
  const look = entity.has("syncLook")
    ? { atMs: entity.number("syncLook"), rows: entity.number("syncLookRows"), digest: entity.text("syncLookDigest") }
    : undefined;
  return { phase, ...times, ...(look ? { look } : {}) };
}
