import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { OperationalError } from "../engine/errors";

/** Blobs of the public cloud, in the one container that a machine writes its reports to. */
const ADDRESS = /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net\/landbridge\/[\w-]{1,200}\.json$/;
const SCOPE = "https://storage.azure.com/.default";
/** Bearer tokens are taken from 2017-11-09 on (Azure Storage: authorize with Microsoft Entra ID). */
const VERSION = "2021-12-02";
const TIMEOUT_MS = 60_000;
/** A report of thousands of tables is a few megabytes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Azure tells that a role may take ten minutes until it is known everywhere. */
const TRIES_MAX = 41;
const WAIT_MS = 15_000;

export interface BlobPorts {
  readonly getToken: (tenantId: string | undefined) => Promise<string>;
  readonly get: (url: string, token: string) => Promise<{ readonly status: number; readonly text: string }>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

const realBlobs: BlobPorts = {
  getToken: async (tenantId) => {
    // Loaded by who needs it: it takes half a second.
    const { DefaultAzureCredential } = await import("@azure/identity");
    const answer = await new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId }).getToken(SCOPE);
    return answer.token;
  },
  get: async (url, token) => {
    const answer = await request(url, {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": VERSION },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    if (Number(answer.headers["content-length"] ?? 0) > ANSWER_BYTES_MAX) {
      answer.body.destroy();
      throw new Error(`it has more than ${ANSWER_BYTES_MAX} bytes`);
    }
    return { status: answer.statusCode, text: await answer.body.text() };
  },
  sleep: async (ms) => sleep(ms),
};

/** Whether this is the address of what a machine printed. A token is sent nowhere else. */
export function isOutcomeAddress(text: string): boolean {
  return ADDRESS.test(text);
}

function unreadable(url: string, why: string, cause?: unknown): OperationalError {
  const message = `The host's report at ${url} cannot be read: ${why}. Nothing is known of the run. Let this machine's `
    + "network in (environment.ipRanges, or subnetIds), sign in to the destination's tenant, and run again.";
  return new OperationalError({ code: "HostReportUnreadable", message, cause });
}

/**
 * What a machine printed, read from its blob as whoever deploys. Refused or missing is asked again for ten minutes:
 * roles and firewalls take their time. Throws OperationalError `HostReportUnreadable`.
 */
export async function readOutcome(url: string, tenantId: string | undefined, ports = realBlobs): Promise<string> {
  if (!isOutcomeAddress(url)) throw unreadable(url, "that is no address of a report");
  let status = 0;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (tries > 0) await ports.sleep(WAIT_MS);
    let answer: Awaited<ReturnType<BlobPorts["get"]>>;
    try {
      answer = await ports.get(url, await ports.getToken(tenantId));
    } catch (cause) {
      throw unreadable(url, cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause), cause);
    }
    if (answer.status === 200) return answer.text;
    ({ status } = answer);
    if (status !== 403 && status !== 404) break;
  }
  throw unreadable(url, `the storage account answered ${status}`);
}
