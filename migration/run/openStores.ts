import type { Store } from "../engine/store";
import type { TableCredential } from "../stores/azureTables/credential";
import { parseCredential } from "./credentials";
import type { RunPorts } from "./ports";
import type { ExecuteRequest } from "./request";
import { refuseSameAccount } from "./sameAccount";

export interface OpenStores {
  readonly source: Store;
  readonly destination: Store;
  close(): Promise<void>;
}

/** Both credentials, understood and known to lead to two accounts. No request is made. Throws OperationalError. */
export function parseBoth(
  request: Pick<ExecuteRequest, "source" | "destination">,
  nowMs: number,
): { readonly source: TableCredential; readonly destination: TableCredential } {
  const source = parseCredential(request.source.text, "source", { origin: request.source.origin, nowMs });
  const { text, origin } = request.destination;
  const destination = parseCredential(text, "destination", { origin, nowMs });
  refuseSameAccount(source, destination);
  return { source, destination };
}

/** Opens both sides; whoever calls closes them. No request is made yet. */
export async function openStores(
  request: Pick<ExecuteRequest, "source" | "destination">,
  ports: Pick<RunPorts, "openStore" | "clock">,
): Promise<OpenStores> {
  const credentials = parseBoth(request, ports.clock.now());
  const source = ports.openStore(credentials.source);
  let destination: Store;
  try {
    destination = ports.openStore(credentials.destination);
  } catch (error) {
    await source.close();
    throw error;
  }
  const close = async () => {
    await Promise.all([source.close(), destination.close()]);
  };
  return { source, destination, close };
}
