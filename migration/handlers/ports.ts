import { setTimeout as sleep } from "node:timers/promises";
import { openArm, openManagement } from "../access/management";
import type { AccessPorts } from "../access/ports";
import { roleWriters } from "../access/roleWriters";
import type { FencePorts } from "../access/shutKeys";
import { tryToken, tryWrite } from "../access/tryToken";
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

export const fencePorts: FencePorts = {
  ...accessPorts,
  tryWrite,
  roleWriters: (ref) => roleWriters(openArm(ref), ref),
};
