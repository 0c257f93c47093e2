import type { Chance } from "../mutation/chance";

/** When a run is killed. */
export type Moment =
  /** So long after its start, mostly before it has asked anybody anything. */
  | { readonly kind: "start"; readonly afterMs: number }
  /** At its n-th request, which never arrives, or is carried out without anybody being told; or a moment later. */
  | {
      readonly kind: "request";
      readonly number: number;
      readonly fate: "lost" | "unanswered";
      readonly afterMs: number;
    }
  /** So long after it first asked for a table that was through: mostly while it verifies, which asks little. */
  | { readonly kind: "verifying"; readonly afterMs: number }
  /** So long after it began to give its leases back: what is left is writing the reports. */
  | { readonly kind: "ending"; readonly afterMs: number };

/** An uninterrupted run, as a measure. */
export interface Life {
  readonly requests: number;
  readonly firstRequestMs: number;
}

const START_SHARE = 0.06;
const VERIFYING_SHARE = 0.18;
const VERIFYING_MS_MAX = 1_600;
const ENDING_SHARE = 0.12;
const ENDING_MS_MAX = 120;

/** A moment in the life of a run; `at` from 0 (its start) to 1 (its end). */
export function momentAt(at: number, { requests, firstRequestMs }: Life, chance: Chance): Moment {
  if (at < START_SHARE) return { kind: "start", afterMs: chance.int(Math.ceil(firstRequestMs)) };
  if (at > 1 - ENDING_SHARE) return { kind: "ending", afterMs: chance.int(ENDING_MS_MAX) };
  if (at > 1 - ENDING_SHARE - VERIFYING_SHARE) return { kind: "verifying", afterMs: chance.int(VERIFYING_MS_MAX) };
  const share = (at - START_SHARE) / (1 - START_SHARE - VERIFYING_SHARE - ENDING_SHARE);
  return {
    kind: "request",
    number: 1 + Math.floor(share * requests),
    fate: chance.often(0.5) ? "lost" : "unanswered",
    afterMs: chance.often(0.5) ? 0 : chance.int(20),
  };
}

export function describeMoment(moment: Moment): string {
  if (moment.kind === "start") return `${moment.afterMs} ms after its start`;
  if (moment.kind === "verifying") return `${moment.afterMs} ms after it first asked for a table that was through`;
  if (moment.kind === "ending") return `${moment.afterMs} ms after it began to give its leases back`;
  const later = moment.afterMs > 0 ? ` and ${moment.afterMs} ms later` : "";
  return `at request ${moment.number} (${moment.fate})${later}`;
}
