import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { OperationalError } from "../../migration/engine/errors";
import type { BatchOutcome, Store, WriteOperation } from "../../migration/engine/store";
import { cosmosTablesFormat } from "../../migration/stores/azureTables/format";
import { rowOfBody } from "../../migration/stores/azureTables/entity";
import type { MemoryStore } from "../../migration/stores/memory";
import { unordered } from "../engine/unorderedStore";
import { type Ground, memoryGround } from "./ground";

function refusalOf(operations: readonly WriteOperation[]): BatchOutcome | undefined {
  for (const [failedIndex, { body }] of operations.entries()) {
    const [finding] = body ? cosmosTablesFormat.check(rowOfBody(Buffer.from(body), "", "")) : [];
    if (!finding) continue;
    const error = new OperationalError({ code: finding.code, message: finding.message, status: 400 });
    return { committed: false, failedIndex, reason: "invalid", error };
  }
  return undefined;
}

/** An account in memory that is as Cosmos DB for Table: rows in no order, no Timestamp filter, names of its own. */
export function cosmosGround(store: MemoryStore): Ground {
  const plain: Store = unordered(store);
  const write: Store["write"] = async (table, operations) =>
    (table === JOURNAL_TABLE ? undefined : refusalOf(operations)) ?? plain.write(table, operations);
  const own: Readonly<Record<string, unknown>> = { write, findsChanges: false };
  const cosmos = new Proxy(plain, { get: (target, name) => own[String(name)] ?? Reflect.get(target, name) });
  return { ...memoryGround(store), store: cosmos };
}
