import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Store } from "../../migration/engine/store";
import { openAzureTables } from "../../migration/stores/azureTables";
import { startLandbridge, type Started } from "../e2e/service";
import type { SimulatedServer, StoredEntity } from "../simulated";
import { type Progress, readProgress } from "./progress";
import { DESTINATION, SOURCE, WatchedService } from "./watchedService";

/** Every answer takes this long, so that a run lasts long enough to be killed in the middle of something. */
const LATENCY_MS = 4;

/** Two simulated accounts behind a watched door, and folders for `landbridge` to work in. */
export class KillWorld {
  private readonly folders: string[] = [];

  private constructor(
    readonly service: WatchedService,
    private readonly doors: { readonly watched: SimulatedServer; readonly open: SimulatedServer },
    private readonly stores: { readonly source: Store; readonly destination: Store; readonly asRunsSeeIt: Store },
  ) {}

  static async open(): Promise<KillWorld> {
    const service = new WatchedService({
      accounts: [{ name: SOURCE }, { name: DESTINATION }], latencyMs: LATENCY_MS, logEntriesMax: 0,
    });
    const doors = await service.openDoors();
    const store = (account: string, server: SimulatedServer) => openAzureTables({
      kind: "sharedKey", account, key: service.account(account).keys[0], endpoint: server.endpoint(account),
    });
    // The journal names a source as the run saw it: by the watched door.
    const asRunsSeeIt = store(SOURCE, doors.watched);
    const stores = { source: store(SOURCE, doors.open), destination: store(DESTINATION, doors.open), asRunsSeeIt };
    return new KillWorld(service, doors, stores);
  }

  /** A working directory of its own. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "landbridge-kill-"));
    this.folders.push(folder);
    return folder;
  }

  start(args: readonly string[], cwd: string): Started {
    const connection = (account: string) =>
      `AccountName=${account};AccountKey=${this.service.account(account).keys[0]};` +
      `TableEndpoint=${this.doors.watched.endpoint(account)}`;
    const env = { LANDBRIDGE_SOURCE: connection(SOURCE), LANDBRIDGE_DESTINATION: connection(DESTINATION) };
    return startLandbridge(args, { cwd, env });
  }

  progress(table: string): Promise<Progress | undefined> {
    return readProgress(this.stores.destination, this.stores.asRunsSeeIt, table);
  }

  /** The destination's tables, the journal left out. */
  destinationTables(): readonly string[] {
    return this.service.account(DESTINATION).tableNames().filter((name) => name !== JOURNAL_TABLE);
  }

  rows(account: typeof SOURCE | typeof DESTINATION, table: string): readonly StoredEntity[] {
    const held = this.service.account(account);
    return held.tableNames().includes(table) ? held.rows(table) : [];
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.stores).map((store) => store.close()));
    await Promise.all([this.doors.watched.close(), this.doors.open.close()]);
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }
}
