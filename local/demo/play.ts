import { readFileSync } from "node:fs";
import { join } from "node:path";

import { OperationalError } from "../../migration/engine/errors";
import type { Store } from "../../migration/engine/store";
import { openAzureTables } from "../../migration/stores/azureTables";
import type { AccountKeys } from "../emulators/tableService";
import type { Emulators } from "../emulators";
import { configure, type StackRun, type StackRunner } from "../stack";
import { CITIES_TABLE, cityRows } from "./cities";
import { HARD_VALUES_TABLE, hardRows } from "./hardValues";
import { expectThat, heading, say } from "./say";
import { loadTable, openAsOwner, putRow, removeRow } from "./seed";
import { landbridge } from "./verifyCli";

export interface Play {
  readonly runner: StackRunner;
  readonly emulators: Emulators;
  readonly folder: string;
  readonly signal: AbortSignal;
}

interface Bundles {
  readonly source: string;
  readonly destination: string;
}

/** The whole story, in the order in which it would happen. Throws when anything is not as it says. */
export async function play(scene: Play): Promise<void> {
  const { runner, emulators, signal } = scene;
  say(`The program runs on ${runner.name}.`);
  const owner = openAsOwner(emulators.source);
  const close: Store[] = [owner];
  const acts = [
    () => loadContoso(owner),
    () => firstMove(scene),
    () => nothingToDo(runner),
    () => somethingChanged(runner, owner),
    () => tampered(scene, close),
    () => tearDown(scene, close),
  ];
  try {
    for (const act of acts) {
      if (signal.aborted) throw new Error("It was stopped.");
      await act();
    }
  } finally {
    await Promise.all(close.map((store) => store.close()));
  }
}

function mustSucceed(run: StackRun, what: string): void {
  // What the engine printed stands above.
  if (!run.ok) throw new Error(`It was to show that ${what} succeeds.`);
}

async function loadContoso(owner: Store): Promise<void> {
  heading("Contoso has two tables: cities of the world, and values that copiers lose");
  const [cities, hard] = [cityRows(), hardRows()];
  await loadTable(owner, CITIES_TABLE, cities);
  await loadTable(owner, HARD_VALUES_TABLE, hard);
  say(`${CITIES_TABLE}: ${cities.length.toLocaleString("en")} rows (GeoNames, CC BY 4.0). ` +
    `${HARD_VALUES_TABLE}: ${hard.length} rows with every Edm type.`);
}

async function firstMove({ runner, folder }: Play): Promise<void> {
  heading("pulumi preview: what would move, what would be opened, which keys will rotate");
  const preview = await runner.preview();
  mustSucceed(preview, "the preview");
  const pending = `${(cityRows().length + hardRows().length).toLocaleString("en")} rows to copy`;
  expectThat(preview.text.includes(pending), `the first preview counts ${pending}`, preview.text);
  heading("pulumi up: provision, open narrow access, copy, prove");
  const up = await runner.up();
  mustSucceed(up, "the first up");
  const outputs = await runner.outputs();
  say(`Verdict: ${String(outputs["verdict"])}. ${String(outputs["summary"])}`);
  say(`The report for people: ${reportPage(folder, outputs)}`);
}

function reportPage(folder: string, outputs: Readonly<Record<string, unknown>>): string {
  const page = join(folder, String(outputs["reportPath"]).replace(/\.json$/, ".html"));
  expectThat(readFileSync(page, "utf8").includes("<html"), "the report is a page", page);
  return page;
}

async function nothingToDo(runner: StackRunner): Promise<void> {
  heading("pulumi up again: nothing changed, so nothing is done");
  const { changes, ...run } = await runner.up();
  mustSucceed({ changes, ...run }, "the second up");
  const { create, update, replace } = changes;
  expectThat(create + update + replace + changes.delete === 0, "nothing is changed", changes);
}

async function somethingChanged(runner: StackRunner, owner: Store): Promise<void> {
  heading("Contoso goes on working: two rows changed, one added, one deleted; preview counts them, up moves only them");
  const [first, second, third] = cityRows();
  if (!first || !second || !third) throw new Error("There are no cities.");
  await putRow(owner, CITIES_TABLE, { ...first, members: `${first.members},"visited":true` });
  await putRow(owner, CITIES_TABLE, { ...second, members: `${second.members},"rating":1.0` });
  await putRow(owner, CITIES_TABLE, { partitionKey: "AQ", rowKey: "1", members: '"name":"McMurdo","population":1258' });
  await removeRow(owner, CITIES_TABLE, third);
  const preview = await runner.preview();
  mustSucceed(preview, "the preview of four changes");
  if (!/\b4 rows to copy/.test(preview.text)) throw new Error("It was to show that the preview counts 4 rows.");
  mustSucceed(await runner.up(), "the up of four changes");
  const summary = String((await runner.outputs())["summary"]);
  say(summary);
}

async function tampered({ runner, emulators }: Play, close: Store[]): Promise<void> {
  heading("Somebody tampers with one row at Fabrikam: landbridge verify finds and names it");
  const fabrikam = openAsOwner(emulators.destination);
  close.push(fabrikam);
  const original = cityRows()[7];
  if (!original) throw new Error("There are no cities.");
  const changed = original.members.replace(/"population":\d+/, '"population":1');
  await putRow(fabrikam, CITIES_TABLE, { ...original, members: changed });
  const { sourceBundle, destinationBundle } = await runner.outputs();
  const bundles: Bundles = { source: String(sourceBundle), destination: String(destinationBundle) };
  const verify = ["verify", "--tables", `${CITIES_TABLE},${HARD_VALUES_TABLE}`];
  say(`$ landbridge ${verify.join(" ")}`);
  const code = await landbridge(verify, bundles, say);
  expectThat(code === 1, "the verification ends with exit code 1", code);
  heading("pulumi up refuses to overwrite what somebody else wrote, unasked");
  const refused = await runner.up();
  expectThat(!refused.ok && refused.text.includes(original.rowKey), "up refuses and names the row", refused.text);
  await putRow(fabrikam, CITIES_TABLE, original);
  say("Fabrikam puts its row right.");
}

async function tearDown(scene: Play, close: Store[]): Promise<void> {
  const { runner, emulators, folder } = scene;
  heading("Teardown, first way: temporaryAccess: closed, and up. Access goes, the destination stays managed");
  const { sourceBundle, destinationBundle } = await runner.outputs();
  const keys = [emulators.source.keys(), emulators.destination.keys()] as const;
  configure(folder, "dev", "temporaryAccess", "closed");
  mustSucceed(await runner.up(), "closing the access");
  for (const [side, bundle] of [["source", sourceBundle], ["destination", destinationBundle]] as const) {
    await showRefused(`the SAS of the ${side}`, openBundle(String(bundle)), close);
  }
  for (const [at, account] of [emulators.source, emulators.destination].entries()) {
    const [, key] = keys[at] as AccountKeys;
    const { account: name, tableEndpoint: endpoint } = account;
    const old = openAzureTables({ kind: "sharedKey", account: name, endpoint, key });
    await showRefused(`key2 of ${name}, which had signed it`, old, close);
  }
  heading("Teardown, second way: pulumi destroy. What is left is Fabrikam's data");
  mustSucceed(await runner.destroy(), "the destroy");
  const owner = openAsOwner(emulators.destination);
  close.push(owner);
  const rows = await countRows(owner, CITIES_TABLE);
  say(`Fabrikam's ${CITIES_TABLE} still has its ${rows.toLocaleString("en")} rows, in tables ` +
    `${(await owner.listTables()).join(" and ")}.`);
  expectThat(rows === cityRows().length, "the destination's data is still there", rows);
}

function openBundle(text: string): Store {
  const { account, endpoint, tables } = JSON.parse(text) as {
    readonly account: string;
    readonly endpoint: string;
    readonly tables: Readonly<Record<string, string>>;
  };
  return openAzureTables({ kind: "tableSas", account, endpoint, tables: new Map(Object.entries(tables)) });
}

async function showRefused(what: string, store: Store, close: Store[]): Promise<void> {
  close.push(store);
  try {
    await store.readPage(CITIES_TABLE, { rowsMax: 1 });
  } catch (error) {
    expectThat(error instanceof OperationalError && error.status === 403, `${what} is refused`, String(error));
    return say(`Refused, as it should be: ${what} (403 ${error.code}).`);
  }
  expectThat(false, `${what} is refused`, "an answer");
}

async function countRows(store: Store, table: string): Promise<number> {
  let rows = 0;
  for (let page = await store.readPage(table, { keysOnly: true }); ; ) {
    rows += page.rows.length;
    if (!page.next) return rows;
    page = await store.readPage(table, { keysOnly: true, continuation: page.next });
  }
}
