import type { Row } from "../../../engine/row";
import { Bodies } from "../bodies";
import { rowOf, type RowParts } from "../entity";
import type { Kernel } from "./kernel";
import { Members } from "../wire/members";

/** The kernel that says what is right: takes every spelling, and knows what to say of what it refuses. */
export class JavaScriptKernel implements Kernel {
  readonly name = "javascript";
  private readonly members = new Members();
  private parts: RowParts = { keysOnly: false };
  private page: Buffer = Buffer.alloc(0);
  private bodies: Bodies | undefined;

  open(page: Buffer, parts: RowParts): void {
    this.members.open(page);
    this.parts = parts;
    this.page = page;
    this.bodies = undefined;
  }

  entities(at: number, rows: Row[]): number {
    const end = this.members.entity(at);
    // The rest of the page is what its bodies take, at most, unless types must be added.
    this.bodies ??= new Bodies(this.parts.keysOnly ? 0 : this.page.length - at);
    rows.push(rowOf(this.members, this.parts, this.bodies));
    return end;
  }
}
