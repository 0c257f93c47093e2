import type { ArmKind } from "../kind";
import { ACCOUNT_TYPE, requireAccount } from "./storageAccount";

/** What a storage account holds besides tables: known by its name, and nothing is in it. */
function named(below: string): ArmKind {
  const type = `${ACCOUNT_TYPE}/${below}`;
  return {
    put: (call) => {
      const { state, target } = call;
      requireAccount(call);
      const before = state.get(target.id);
      const saved = state.put({ id: target.id, name: target.names.at(-1) ?? "", type, properties: {} });
      return { status: before === undefined ? 201 : 200, body: saved };
    },
    list: (call) => {
      requireAccount(call);
      return { status: 200, body: { value: call.state.below(call.target.id).filter((one) => one.type === type) } };
    },
  };
}

export const blobContainer = named("blobServices/containers");
export const queue = named("queueServices/queues");
export const fileShare = named("fileServices/shares");
