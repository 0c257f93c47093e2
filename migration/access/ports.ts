import type { Clock, Random } from "../engine/clock";
import type { OpenManagement } from "./management";
import type { TryToken } from "./tryToken";

/** What access needs of the world. Tests put a virtual clock, accounts in memory and a quiet voice here. */
export interface AccessPorts {
  readonly open: OpenManagement;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells the operator something while it happens. Never a secret. */
  readonly say: (line: string) => void;
  /** Makes one small read with a token. */
  readonly tryToken: TryToken;
}
