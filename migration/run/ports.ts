import type { Clock, Random } from "../engine/clock";
import type { Journal } from "../engine/journal";
import { JOURNAL_TABLE } from "../engine/journal";
import type { LeaseHolder } from "../engine/journal";
import type { RowFormat } from "../engine/rowFormat";
import type { Store } from "../engine/store";
import { azureTablesFormat, openAzureTables } from "../stores/azureTables";
import type { TableCredential } from "../stores/azureTables/credential";
import { DIGEST_VERSION } from "../stores/azureTables/digest";
import { tableJournal } from "../stores/azureTables/journal";
import { systemClock } from "./clock";

/** What a run is made of; tests put their own parts in. */
export interface RunPorts {
  readonly openStore: (credential: TableCredential) => Store;
  readonly openJournal: (destination: Store, waiting: (holder: LeaseHolder, remainingMs: number) => void) => Journal;
  readonly format: RowFormat;
  readonly digestVersion: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** The real ones. */
export const realPorts: RunPorts = {
  openStore: (credential) => openAzureTables(credential),
  openJournal: (destination, waiting) => tableJournal(destination, JOURNAL_TABLE, { clock: systemClock, waiting }),
  format: azureTablesFormat,
  digestVersion: DIGEST_VERSION,
  clock: systemClock,
  random: Math.random,
};
