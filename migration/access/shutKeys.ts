import { AzureNamedKeyCredential, generateAccountSas } from "@azure/data-tables";
import { OperationalError } from "../engine/errors";
import { isLoopback } from "../stores/azureTables/credential";
import type { AccountManagement, KeyName } from "./accountManagement";
import type { AccountRef } from "./accountRef";
import { fingerprint } from "./mint";
import type { AccessPorts } from "./ports";
import type { RoleWriter } from "./roleWriters";
import { rotateKey } from "./rotateKey";
import type { TokenAnswer, TryToken } from "./tryToken";
import { untilAnswered } from "./usable";

/** What shutting an account needs of the world besides. */
export interface FencePorts extends AccessPorts {
  /** Tries a write that cannot succeed; the resource is a table. */
  readonly tryWrite: TryToken;
  /** Who writes by a role, whatever becomes of keys. Throws `AuthorizationFailed`, ... */
  readonly roleWriters: (ref: AccountRef) => Promise<readonly RoleWriter[]>;
}

/** How long a regenerated key may still be taken by some front end of the service. */
const REFUSED_MS_MAX = 300_000;
/** How long the old key is tried before it is regenerated; where that says nothing, nothing can be said after. */
const CONTROL_MS_MAX = 10_000;
const EARLY_MS = 15 * 60_000;

export interface KeysToShut {
  /** The key that the move signs with: regenerated last, since what it signed reads until then. */
  readonly keyName: KeyName;
  /** Any table of the account's; undefined: there is none, and nothing to try a write on. */
  readonly table: string | undefined;
}

/**
 * Regenerates both keys, and with them ends every connection string and every SAS. Each is shown: with a token that
 * the old key signed a write is tried before and after. Keys that are regenerated stay so; done twice, it does no harm.
 * Gives the keys for which a write was seen refused. Throws `SharedKeyRefused`, `KeyNotRotated`, `FenceOpen`.
 */
export async function shutKeys(
  management: AccountManagement,
  { keyName, table }: KeysToShut,
  ports: FencePorts,
): Promise<readonly KeyName[]> {
  await requireSharedKey(management);
  const endpoint = await management.tableEndpoint();
  const keys = await management.listKeys();
  const inTurn = [...keys].sort((a, b) => Number(a.keyName === keyName) - Number(b.keyName === keyName));
  const refused = (answer: TokenAnswer) => isRefused(answer, endpoint);
  const shown: KeyName[] = [];
  for (const { keyName: name, value } of inTurn) {
    const sas = writingSas(management.account, value, ports.clock.now());
    const write = () => ports.tryWrite(endpoint, table ?? "", sas);
    const why = table === undefined ? "it has no table" : await whyNotTried(write, ports);
    await rotateKey(management, name, fingerprint(management.account, name, value), ports);
    if (why !== undefined) {
      ports.say(`What the old ${name} of ${management.name} signed could not be tried from here (${why}).`);
      continue;
    }
    const answer = await untilAnswered(write, ports.clock.now() + REFUSED_MS_MAX, ports, refused);
    if (!refused(answer)) throw fenceOpen(management, name, answer);
    shown.push(name);
  }
  return shown;
}

/** An account SAS that may delete rows, signed by that key; it lives as long as one look takes. */
function writingSas(account: string, key: string, nowMs: number): string {
  return generateAccountSas(new AzureNamedKeyCredential(account, key), {
    services: { table: true },
    resourceTypes: "o",
    permissions: { delete: true },
    startsOn: new Date(nowMs - EARLY_MS),
    expiresOn: new Date(nowMs + EARLY_MS),
  });
}

/** Whether a writer with the key gets as far as the row, which is not there; if not, why a refusal says nothing. */
async function whyNotTried(write: () => Promise<TokenAnswer>, ports: FencePorts): Promise<string | undefined> {
  try {
    const { status, code } = await untilAnswered(write, ports.clock.now() + CONTROL_MS_MAX, ports, isLetIn);
    return isLetIn({ status, code }) ? undefined : `${status} ${code} before the key was regenerated`;
  } catch (error) {
    if (error instanceof OperationalError) return error.code;
    throw error;
  }
}

function isLetIn({ status }: TokenAnswer): boolean {
  return status === 404 || status === 412 || (status >= 200 && status < 300);
}

/** By its signature: a firewall's refusal says nothing of keys. Azurite has no firewall, and names this otherwise. */
function isRefused({ status, code }: TokenAnswer, endpoint: string): boolean {
  const bySignature = code === "AuthenticationFailed" || code === "KeyBasedAuthenticationNotPermitted";
  return status === 403 && (bySignature || isLoopback(new URL(endpoint).hostname));
}

async function requireSharedKey(management: AccountManagement): Promise<void> {
  if (await management.allowSharedKeyAccess()) return;
  throw new OperationalError({ code: "SharedKeyRefused", message: refuseKeys(management.name) });
}

/** Why the keys of an account that takes none are not shut. */
export function refuseKeys(name: string): string {
  return `${name} refuses account keys already, so a fence of keys shuts nobody out. Set fence to network, and take `
    + "the roles that write from whoever has them.";
}

function fenceOpen(management: AccountManagement, keyName: KeyName, answer: TokenAnswer): OperationalError {
  const said = `${answer.status} ${answer.code}`.trim();
  return new OperationalError({
    code: "FenceOpen",
    message: `${keyName} of ${management.name} was regenerated, and a write that the old key signed is still let in `
      + `(${said}) after ${REFUSED_MS_MAX / 60_000} minutes. Run again; if it stays so, shut the network.`,
    retryable: true,
  });
}
