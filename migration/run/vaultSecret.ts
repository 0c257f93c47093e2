import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { z } from "zod";
import { firstLineOf, openIdentity, type OpenIdentity, tokenOf } from "../access/ambientIdentity";
import { boundedText } from "../access/boundedBody";
import { askThroughRoleDelay, minutesOf } from "../access/roleDelay";
import { OperationalError } from "../engine/errors";

/** Vaults of the public cloud, of China and of the US government, with the scope that their tokens are for. */
const VAULT_HOSTS = ["vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"];
/** The version of the vault's REST interface (Key Vault REST: Get Secret). */
const API_VERSION = "7.4";
const TIMEOUT_MS = 30_000;
/** A secret has at most 25 KB (Microsoft, "About Azure Key Vault secrets"), and some names beside it. */
const ANSWER_BYTES_MAX = 256 * 1024;

/** A minute, by choice: how long a new rule of a vault's firewall takes is not published. */
const FIREWALL_TRIES_MAX = 5;

/** Where a secret is: no secret itself. */
interface SecretPlace {
  /** `https://<vault>.vault.azure.net/secrets/<name>`, with or without a version. */
  readonly uri: string;
  readonly scope: string;
}

export interface VaultPorts {
  readonly identity: OpenIdentity;
  /** Throws where there is no answer. `text` is undefined where it is longer than any secret. */
  readonly get: (url: string, token: string) => Promise<{ readonly status: number; readonly text: string | undefined }>;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Told once, where it has to be waited for. */
  readonly notice: (text: string) => void;
}

export const realVault: VaultPorts = {
  identity: openIdentity,
  get: async (url, token) => {
    const answer = await request(url, {
      headers: { authorization: `Bearer ${token}` },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    return { status: answer.statusCode, text: await boundedText(answer.body, ANSWER_BYTES_MAX) };
  },
  sleep: async (ms) => sleep(ms),
  notice: () => undefined,
};

/** Reads secrets as `readVaultSecret` does, and tells where it has to wait. */
export function vaultReader(notice: VaultPorts["notice"]): (text: string, origin: string) => Promise<string> {
  return async (text, origin) => readVaultSecret(text, origin, { ...realVault, notice });
}

/**
 * Reads a reference to a vault's secret. A token is only ever sent to a vault: any other address is refused.
 * Throws OperationalError `VaultReferenceInvalid`.
 */
function parseSecretPlace(text: string, origin: string): SecretPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const parent = VAULT_HOSTS.find((each) => url?.hostname.endsWith(`.${each}`));
  const { pathname = "" } = url ?? {};
  const usual = url?.protocol === "https:" && url.port === "" && url.username === "" && url.search === "";
  if (usual && parent !== undefined && /^\/secrets\/[A-Za-z0-9-]{1,127}(\/[0-9a-f]{32})?$/.test(pathname)) {
    return { uri: `https://${url.hostname}${pathname}`, scope: `https://${parent}/.default` };
  }
  throw new OperationalError({
    code: "VaultReferenceInvalid",
    message: `${origin} is ${shownPlace(text, url)}, which is no secret's address. Write it like `
      + "https://<vault>.vault.azure.net/secrets/<name>.",
  });
}

/** Of what is no address nothing is shown, and of one only what cannot be a password: it may be the secret itself. */
function shownPlace(text: string, url: URL | undefined): string {
  if (url === undefined || !/^https?:$/.test(url.protocol)) return `a text of ${text.length} characters`;
  const hidden = url.username + url.password + url.search + url.hash === "" ? "" : " (and more, not shown here)";
  return `${JSON.stringify(`${url.origin}${url.pathname}`.slice(0, 200))}${hidden}`;
}

function unreadable(uri: string, origin: string, why: string, remedy: string, cause?: unknown): OperationalError {
  const message = `${origin} names ${uri}, which cannot be read: ${why}. ${remedy}`;
  return new OperationalError({ code: "VaultSecretUnreadable", message, cause });
}

type Refusal = readonly [why: string, remedy: string];

const GIVE_ROLE = "Give the identity the role Key Vault Secrets User on the vault";
/** Microsoft, "Common error codes for Azure Key Vault". */
const FORBIDDEN: ReadonlyMap<string | undefined, Refusal> = new Map([
  ["ForbiddenByFirewall", ["the vault's firewall refuses this network (403)", "Let it through the vault's firewall."]],
  ["ForbiddenByRbac", ["the vault refuses this identity (403)", `${GIVE_ROLE}.`]],
]);

function forbidden(text: string | undefined): Refusal {
  const remedy = `${GIVE_ROLE}, and let its network through the vault's firewall.`;
  return FORBIDDEN.get(innerCode(text)) ?? ["the vault refuses this identity, or this network (403)", remedy];
}

function refusal({ status, text }: Answer): Refusal {
  if (status === 403) return forbidden(text);
  if (status === 404) return ["the vault has no such secret (404)", "Correct the name, or bring it back if deleted."];
  return [`the vault answered ${status}`, "Try again."];
}

async function tokenFor(place: SecretPlace, origin: string, ports: VaultPorts): Promise<string> {
  try {
    const { token } = await tokenOf(await ports.identity(), place.scope);
    return token;
  } catch (cause) {
    const remedy = "Run where a managed identity is (AZURE_CLIENT_ID chooses one of several), or sign in.";
    throw unreadable(place.uri, origin, `signing in failed (${firstLineOf(cause)})`, remedy, cause);
  }
}

type Answer = Awaited<ReturnType<VaultPorts["get"]>>;

async function ask(place: SecretPlace, origin: string, ports: VaultPorts): Promise<Answer> {
  const token = await tokenFor(place, origin, ports);
  try {
    return await ports.get(`${place.uri}?api-version=${API_VERSION}`, token);
  } catch (cause) {
    const why = `the vault cannot be reached (${firstLineOf(cause)})`;
    throw unreadable(place.uri, origin, why, "Check name and network.", cause);
  }
}

/** Whether to ask once more, which is told when it begins, for either reason. */
function patience(place: SecretPlace, ports: VaultPorts): (answer: Answer) => boolean {
  const seen = { rule: 0, role: 0 };
  return ({ status, text }) => {
    if (status !== 403) return false;
    const awaited = innerCode(text) === "ForbiddenByFirewall" ? "rule" : "role";
    seen[awaited] += 1;
    const triesMax = awaited === "rule" ? FIREWALL_TRIES_MAX : undefined;
    if (seen[awaited] === 1) {
      const [why] = forbidden(text);
      ports.notice(`${place.uri}: ${why}. A new ${awaited} takes its time: it is asked again for up to `
        + `${minutesOf(triesMax)} min.`);
    }
    return triesMax === undefined || seen[awaited] < triesMax;
  };
}

/**
 * A secret's newest value, read with the identity of whoever runs this. `origin` names the reference in errors.
 * Refused is asked again for ten minutes, since a role that was given a moment ago takes its time; where it is the
 * firewall that refuses, for one minute.
 * Throws OperationalError `VaultReferenceInvalid` or `VaultSecretUnreadable`.
 */
export async function readVaultSecret(text: string, origin: string, ports: VaultPorts = realVault): Promise<string> {
  const place = parseSecretPlace(text, origin);
  const answer = await askThroughRoleDelay(() => ask(place, origin, ports), patience(place, ports), ports.sleep);
  if (answer.status !== 200) throw unreadable(place.uri, origin, ...refusal(answer));
  if (answer.text === undefined) {
    const why = `the answer has more than ${ANSWER_BYTES_MAX} bytes, which no secret has`;
    throw unreadable(place.uri, origin, why, "See what answers in the vault's place (a proxy).");
  }
  const value = valueIn(answer.text);
  if (value === undefined) throw unreadable(place.uri, origin, "the answer holds no value", "Try again.");
  return value;
}

const answered = z.object({ value: z.string() });
const refused = z.object({ error: z.object({ innererror: z.object({ code: z.string() }) }) });

/** What the answer says, if it is JSON at all. */
function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function valueIn(text: string): string | undefined {
  return parsed(answered, text)?.value;
}

/** Why the vault refuses, in its own word. */
function innerCode(text: string | undefined): string | undefined {
  return parsed(refused, text ?? "")?.error.innererror.code;
}
