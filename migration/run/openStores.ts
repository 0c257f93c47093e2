import { assert } from "../engine/errors";
import type { Store } from "../engine/store";
import type { TableCredential } from "../stores/azureTables/credential";
import { memoryStore } from "../stores/memory";
import { parseCredential } from "./credentials";
import type { RunPorts } from "./ports";
import type { ExecuteRequest } from "./request";
import { refuseSameAccount } from "./sameAccount";

export interface OpenStores {
  readonly source: Store;
  readonly destination: Store;
  /** What the destination was opened with; absent where there is none yet. Secret. */
  readonly destinationCredential?: TableCredential;
  close(): Promise<void>;
}

type OpeningRequest = Pick<ExecuteRequest, "source" | "destination" | "dryRun" | "sync" | "notice">;

/** Both sides' stores, once it is known that they lead to two accounts. Makes no request. Throws OperationalError. */
function sourceFirst(
  request: OpeningRequest,
  { clock, openStore: openWith }: Pick<RunPorts, "openStore" | "clock">,
): readonly [() => Store, () => Store, TableCredential?] {
  const nowMs = clock.now();
  const openStore = (credential: TableCredential) => openWith(credential, request.notice);
  const { source: from, destination: to } = request;
  if ("identity" in from) {
    assert(request.sync?.phase === "done" && "text" in to, "only a move that ends can do without its source");
    const destination = parseCredential(to.text, "destination", { origin: to.origin, nowMs });
    return [() => memoryStore({ name: from.identity, identity: from.identity }), () => openStore(destination)];
  }
  const source = parseCredential(from.text, "source", { origin: from.origin, nowMs });
  if ("nothingYet" in to) {
    assert(request.dryRun === true, "only a dry run can do without a destination");
    return [() => openStore(source), () => memoryStore({ name: to.nothingYet, billing: to.billing })];
  }
  const destination = parseCredential(to.text, "destination", { origin: to.origin, nowMs });
  refuseSameAccount(source, destination);
  return [() => openStore(source), () => openStore(destination), destination];
}

/** Opens both sides; whoever calls closes them. No request is made yet. */
export async function openStores(
  request: OpeningRequest,
  ports: Pick<RunPorts, "openStore" | "clock">,
): Promise<OpenStores> {
  const [openSource, openDestination, destinationCredential] = sourceFirst(request, ports);
  const source = openSource();
  let destination: Store;
  try {
    destination = openDestination();
  } catch (error) {
    await source.close();
    throw error;
  }
  const close = async () => {
    await Promise.all([source.close(), destination.close()]);
  };
  return { source, destination, close, ...(destinationCredential && { destinationCredential }) };
}
