import { entityText, type ModelRow, type RowChange, sorted } from "./row";
import { isRefusal, type Side, type World } from "./world";

/** One table that both sides hold, and what is done to it: applied, looked at, taken back. */
export class Arena {
  /** Attacks that were read from a page made by hand. */
  cannedCount = 0;

  constructor(readonly world: World, readonly table: string, readonly rows: readonly ModelRow[]) {
    world.fill(table, rows);
  }

  /** In the simulated service; undefined where it refuses one of the rows. */
  async held<T>(side: Side, changes: readonly RowChange[], look: () => Promise<T>): Promise<T | undefined> {
    const { world, table } = this;
    try {
      for (const { before } of changes) if (before !== undefined) world.remove(side, table, before);
      for (const { after } of changes) if (after !== undefined) world.put(side, table, after);
    } catch (error) {
      this.undo(side, changes);
      if (isRefusal(error)) return undefined;
      throw error;
    }
    try {
      return await look();
    } finally {
      this.undo(side, changes);
    }
  }

  /** On a page made by hand. */
  async canned<T>(side: Side, changes: readonly RowChange[], look: () => Promise<T>): Promise<T> {
    const gone = new Set(changes.map(({ before }) => before));
    const rows = sorted([...this.rows.filter((row) => !gone.has(row)), ...changes.flatMap(({ after }) => after ?? [])]);
    return this.spelt(side, rows.map(entityText), look);
  }

  /** On a page of these texts. */
  async spelt<T>(side: Side, entities: readonly string[], look: () => Promise<T>): Promise<T> {
    const { world, table } = this;
    this.cannedCount += 1;
    world.can(side, table, entities);
    try {
      return await look();
    } finally {
      world.uncan(side, table);
    }
  }

  private undo(side: Side, changes: readonly RowChange[]): void {
    for (const { after } of changes) if (after !== undefined) this.world.remove(side, this.table, after);
    for (const { before } of changes) if (before !== undefined) this.world.put(side, this.table, before);
  }
}
