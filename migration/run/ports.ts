import type { Clock, Random } from "../engine/clock";
import type { Journal } from "../engine/journal";
import { OperationalError } from "../engine/errors";
import { JOURNAL_TABLE, LEASE_TERM_MS } from "../engine/journal";
import type { LeaseHolder } from "../engine/journal";
import type { RowFormat } from "../engine/rowFormat";
import type { Store } from "../engine/store";
import type { Signer } from "../report/evidence/jws";
import { formatOf, openAzureTables } from "../stores/azureTables";
import type { TableCredential } from "../stores/azureTables/credential";
import { DIGEST_VERSION } from "../stores/azureTables/digest";
import { tableJournal } from "../stores/azureTables/journal";
import { systemClock } from "./clock";
import type { CredentialText } from "./request";
import { openSigner } from "./signing/openSigner";

/** What a run is made of; tests put their own parts in. */
export interface RunPorts {
  /** `notice` hears, in words, what a store does on its own account. */
  readonly openStore: (credential: TableCredential, notice?: (text: string) => void) => Store;
  readonly openJournal: (destination: Store, waiting: (holder: LeaseHolder, remainingMs: number) => void) => Journal;
  readonly formatOf: (destination: Store) => RowFormat;
  readonly digestVersion: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens what reports are signed with, and sees that it can sign. */
  readonly openSigner: (key: CredentialText) => Promise<Signer>;
}

/**
 * LANDBRIDGE_LEASE_SECONDS: the term of this run's leases, for networks that are away longer than the default, and for
 * people who would rather not wait so long after a crash. Throws `LeaseSecondsInvalid`.
 */
function leaseTermMs(environment: NodeJS.ProcessEnv): number {
  const text = environment["LANDBRIDGE_LEASE_SECONDS"];
  if (text === undefined || text === "") return LEASE_TERM_MS;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= LEASE_SECONDS_MIN && seconds <= LEASE_SECONDS_MAX) return seconds * 1_000;
  throw new OperationalError({
    code: "LeaseSecondsInvalid",
    message:
      `LANDBRIDGE_LEASE_SECONDS is ${JSON.stringify(text)}: give whole seconds from ${LEASE_SECONDS_MIN} to ` +
      `${LEASE_SECONDS_MAX}, or leave it out for ${LEASE_TERM_MS / 1_000}.`,
  });
}

const LEASE_SECONDS_MIN = 2;
const LEASE_SECONDS_MAX = 600;

/** The real ones. */
export const realPorts: RunPorts = {
  openStore: (credential) => openAzureTables(credential),
  openJournal: (destination, waiting) =>
    tableJournal(destination, JOURNAL_TABLE, { clock: systemClock, waiting, termMs: leaseTermMs(process.env) }),
  formatOf,
  digestVersion: DIGEST_VERSION,
  clock: systemClock,
  random: Math.random,
  openSigner: (key) => openSigner(key),
};
