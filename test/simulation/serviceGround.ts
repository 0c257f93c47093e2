import type { Store } from "../../migration/engine/store";
import { openAzureTables } from "../../migration/stores/azureTables";
import { type FaultRule, serve, sign, SimulatedTableService } from "../simulated";
import type { Fault } from "./faults";
import { entityText, type Ground } from "./ground";
import type { Held } from "./log";

/** The account SAS of a whole test: the simulated service's clock is virtual, and this machine's is not. */
const SAS = {
  sv: "2019-02-02", ss: "t", srt: "sco", sp: "rwdlacu", st: "2000-01-01T00:00:00Z", se: "2099-01-01T00:00:00Z",
};

function accountSas(account: string, key: string): string {
  const text = [account, SAS.sp, SAS.ss, SAS.srt, SAS.st, SAS.se, "", "", SAS.sv, ""].join("\n");
  return new URLSearchParams({ ...SAS, sig: sign(text, key) }).toString();
}

/** The service's own faults for one of ours; a batch meets the first that is for batches. Absent: played elsewhere. */
function rulesOf({ kind, delayMs }: Fault): readonly FaultRule[] {
  const retryAfterSeconds = Math.ceil(delayMs / 1_000);
  switch (kind) {
    case "busy":
      return [{ kind: "busyInBatch" }, { kind: "busy" }];
    case "busyRetryAfter":
      return [{ kind: "busyInBatch", retryAfterSeconds }, { kind: "busy", retryAfterSeconds }];
    case "tooMany":
      return [{ kind: "tooManyRequestsInBatch" }, { kind: "tooManyRequests" }];
    case "internal":
      return [{ kind: "internal" }];
    case "timeoutBefore":
      return [{ kind: "timeout" }];
    case "timeoutAfter":
      return [{ kind: "timeoutAfterCommit" }];
    case "dropBefore":
      return [{ kind: "dropBefore" }];
    case "dropAfter":
      return [{ kind: "dropAfter" }];
    case "torn":
      return [{ kind: "cutShort" }];
    case "lateCommit":
    case "emptyPage":
    case "slow":
      return [];
  }
}

/** Addresses differ from run to run; an account's name does not, and the journal's keys are made of it. */
function named(store: Store, account: string): Store {
  const own: Readonly<Record<string, unknown>> = { name: `account ${account}`, identity: `${account}.simulated` };
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = own[String(name)] ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function heldOf(wire: Buffer): Held {
  const { "odata.etag": stamp, ...entity } = JSON.parse(wire.toString("utf8"));
  delete entity.Timestamp;
  return { stamp, content: JSON.stringify(entity) };
}

/** An account of the simulated table service on loopback, reached through the adapter that the product uses. */
export async function serviceGround(name: string, now: () => number, seed: number): Promise<Ground> {
  const key = Buffer.from(`the key of ${name}`).toString("base64");
  const service = new SimulatedTableService({ accounts: [{ name, key }], now, seed });
  const server = await serve(service);
  const account = service.account(name);
  const sas = accountSas(name, key);
  const store = openAzureTables({ kind: "accountSas", account: name, endpoint: server.endpoint(name), sas });
  return {
    store: named(store, name),
    held: (table, keys) => {
      const rows = account.liveTable(table)?.rows;
      return keys.map(({ partitionKey, rowKey }) => {
        const row = rows?.get(partitionKey, rowKey);
        return row && heldOf(row.wire());
      });
    },
    createTable: async (table) => void (account.liveTable(table) ?? account.createTable(table)),
    put: async (table, one, members) => account.seedJson(table, [entityText(one, members)]),
    remove: async (table, one) => void (await store.write(table, [{ kind: "delete", key: one, version: "*" }])),
    arm: (fault) => {
      const rules = rulesOf(fault);
      for (const rule of rules) service.faults.add({ ...rule, times: 1 });
      return rules.length > 0;
    },
    disarm: () => service.faults.clear(),
    close: async () => {
      await store.close();
      await server.close();
    },
  };
}
