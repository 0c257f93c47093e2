import { setTimeout as sleep } from "node:timers/promises";
import { openManagement } from "../access/management";
import type { AccessPorts } from "../access/ports";
import { tryToken } from "../access/tryToken";
import { say } from "./say";

/** The world as it is. */
export const accessPorts: AccessPorts = {
  open: openManagement,
  clock: {
    now: () => Date.now(),
    sleep: async (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  },
  random: Math.random,
  say,
  tryToken,
};
