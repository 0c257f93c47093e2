import type { RowKey } from "../../migration/engine/row";
import type { Ground } from "./ground";
import type { Asked, Log, Side } from "./log";
import type { Edit, Scenario, SimulatedTable } from "./scenario";
import type { Scheduler } from "./scheduler";

/** Everybody who is not Landbridge: they fill the accounts, and change rows whenever they like. */
export class People {
  private serial = 0;

  constructor(
    private readonly scenario: Scenario,
    private readonly scheduler: Scheduler,
    private readonly log: Log,
    private readonly grounds: Readonly<Record<Side, Ground>>,
    /** Where they go who want to write on this side. */
    private readonly sideOf: (side: Side) => Side,
  ) {}

  /** What is there before the first run. */
  async begin(): Promise<void> {
    for (const [at, { table, destinationTable, rows }] of this.scenario.tables.entries()) {
      await this.grounds.source.createTable(table);
      const there = rows.some(({ where }) => where !== "source");
      if (there) await this.grounds.destination.createTable(destinationTable);
      for (const { key, where, members } of rows) {
        const serial = this.number(members);
        const edit = { atMs: 0, table: at, key };
        if (where !== "destination") await this.change({ ...edit, side: "source", members: serial });
        if (where === "both") await this.change({ ...edit, side: "destination", members: serial });
        if (where === "destination" || where === "differing") {
          await this.change({ ...edit, side: "destination", members: this.number(members) });
        }
      }
    }
  }

  /** Does these edits in time; `left` says how many are still to come. */
  edit(edits: readonly Edit[]): { readonly left: number } {
    const state = { left: edits.length };
    for (const edit of edits) {
      const members = edit.members;
      this.scheduler.after(edit.atMs, () => {
        const numbered = members === undefined ? edit : { ...edit, members: this.number(members) };
        const there = { ...numbered, side: this.sideOf(edit.side) };
        void this.scheduler.real(() => this.change(there)).then(() => (state.left -= 1));
      });
    }
    return state;
  }

  /** Changes a row of a call that was carried out just now, where somebody lies in wait for it. */
  async ambush(asked: Asked, sideCall: number, keys: readonly RowKey[]): Promise<void> {
    const ambush = this.scenario.ambushes.find(({ side, call }) => side === asked.side && call === sideCall);
    const key = ambush && keys[ambush.row % keys.length];
    if (!ambush || !key) return;
    const { members } = ambush;
    const planned = this.scenario.tables.find((one) => asked.table === nameOn(asked.side, one));
    if (!planned) return;
    const side = this.sideOf(asked.side);
    const numbered = members === undefined ? undefined : this.number(members);
    await this.write(side, nameOn(side, planned), key, numbered);
  }

  /** No two writes are alike, and of two the later one has the higher number. */
  private number(members: string): string {
    this.serial += 1;
    return `"serial":${this.serial}${members === "" ? "" : `,${members}`}`;
  }

  private async change({ side, table: place, key: at, members }: Edit): Promise<void> {
    const planned = this.scenario.tables[place] as SimulatedTable;
    const key = planned.keys[at];
    if (key) await this.write(side, nameOn(side, planned), key, members);
  }

  private async write(side: Side, table: string, key: RowKey, members: string | undefined): Promise<void> {
    const { partitionKey, rowKey } = key;
    const ground = this.grounds[side];
    const [before] = ground.held(table, [key]);
    if (members === undefined) {
      if (!before) return;
      await ground.remove(table, key);
    } else {
      await ground.createTable(table);
      await ground.put(table, key, members);
    }
    const [after] = ground.held(table, [key]);
    const was = before ? { before } : {};
    const is = after ? { after } : {};
    this.log.add({ kind: "committed", side, table, by: "people", late: false, partitionKey, rowKey, ...was, ...is });
  }
}

function nameOn(side: Side, { table, destinationTable }: SimulatedTable): string {
  return side === "source" ? table : destinationTable;
}
