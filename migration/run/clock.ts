import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import type { Clock } from "../engine/clock";

/** Longer than this a timer of Node's fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    // As many sleep under one signal as requests wait to be sent again: no leak, and no warning of one.
    if (signal) setMaxListeners(0, signal);
    try {
      await sleep(Math.min(ms, TIMER_MS_MAX), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // The timer rejects with an error of its own; the port promises the signal's reason.
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    }
  },
};
