import { accountFor } from "./account";
import type { Logged } from "./applicationLog";
import { isWhole } from "./accountText";

const key = (rowKey: string) => ({ partitionKey: "p", rowKey });
const text = (rowKey: string) => `p / ${rowKey}`;

function logged(place: Logged["place"], what: Logged["what"], rowKey: string, value?: string): Logged {
  return { number: 1, place, what, ...key(rowKey), ...(value === undefined ? {} : { value }) };
}

const loaded = new Map(["a", "b", "c"].map((name) => [text(name), `loaded ${name}`]));

describe("the account of a move", () => {
  it("explains rows by what was written last, and by what was written in the destination before all else", () => {
    const logs = [
      [
        logged("source", "update", "b", "1"), logged("destination", "update", "b", "2"),
        logged("source", "delete", "c"),
      ],
      [logged("source", "update", "b", "late"), logged("source", "insert", "d", "new")],
    ];
    const destination = new Map([[text("a"), "loaded a"], [text("b"), "2"], [text("d"), "new"]]);
    const account = accountFor({ loaded, logs, destination });
    expect(account).toEqual({
      untouched: 1, lastWrittenInSource: 1, lastWrittenInDestination: 1, deleted: 1,
      lost: [], stale: [], unexplained: [],
    });
    expect(isWhole(account)).toBe(true);
  });

  it.each<[string, ReadonlyMap<string, string>, object]>([
    ["a row that was lost", new Map([[text("a"), "loaded a"], [text("b"), "loaded b"]]), { lost: [text("c")] }],
    ["a row that holds something older", new Map([...loaded, [text("b"), "older"]]), {
      stale: [`${text("b")}: holds "older", should hold "loaded b"`],
    }],
    ["a row that nobody wrote", new Map([...loaded, [text("x"), "?"]]), { unexplained: [text("x")] }],
  ])("names %s", (_what, destination, found) => {
    const account = accountFor({ loaded, logs: [], destination });
    expect(account).toMatchObject(found);
    expect(isWhole(account)).toBe(false);
  });

  it("names a row that was deleted and is there all the same", () => {
    const logs = [[logged("destination", "delete", "a")]];
    expect(accountFor({ loaded, logs, destination: loaded })).toMatchObject({ unexplained: [text("a")] });
  });
});
