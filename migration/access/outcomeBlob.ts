import { setTimeout as sleep } from "node:timers/promises";
import type { AccessToken } from "@azure/identity";
import { request } from "undici";
import { OperationalError } from "../engine/errors";
import { firstLineOf, openIdentity, type OpenIdentity, tokenOf } from "./ambientIdentity";
import { boundedText } from "./boundedBody";
import { askThroughRoleDelay } from "./roleDelay";

/** Blobs of the public cloud, in the one container that a machine writes its reports to. */
const ADDRESS = /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net\/landbridge\/[\w-]{1,200}\.json$/;
const SCOPE = "https://storage.azure.com/.default";
/** Bearer tokens are taken from 2017-11-09 on (Azure Storage: authorize with Microsoft Entra ID). */
const VERSION = "2021-12-02";
const TIMEOUT_MS = 60_000;
/** A report of thousands of tables is a few megabytes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

interface BlobAnswer {
  readonly status: number;
  /** Undefined: longer than any report. */
  readonly text: string | undefined;
}

export interface BlobPorts {
  readonly identity: OpenIdentity;
  /** Throws where there is no answer. */
  readonly get: (url: string, token: string) => Promise<BlobAnswer>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export const realBlobs: BlobPorts = {
  identity: openIdentity,
  get: async (url, token) => {
    const answer = await request(url, {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": VERSION },
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    return { status: answer.statusCode, text: await boundedText(answer.body, ANSWER_BYTES_MAX) };
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

/** Roles and firewalls take their time, a busy account says so, and a connection may break: all may pass. */
function statusMayPass(status: number): boolean {
  return status >= 500 || [403, 404, 408, 429].includes(status);
}

/** What stood in the way; no answer is one of them. */
interface Failure {
  readonly why: string;
  readonly passes: boolean;
  readonly cause?: unknown;
}

/** Throws where nobody is signed in: waiting does not help. */
async function ask(url: string, getToken: () => Promise<AccessToken>, ports: BlobPorts): Promise<string | Failure> {
  const { token } = await getToken().catch((cause: unknown) => {
    throw unreadable(url, firstLineOf(cause), cause);
  });
  try {
    const { status, text } = await ports.get(url, token);
    if (status !== 200) return { why: `the storage account answered ${status}`, passes: statusMayPass(status) };
    return text ?? { why: `it has more than ${ANSWER_BYTES_MAX} bytes`, passes: false };
  } catch (cause) {
    return { why: firstLineOf(cause), passes: true, cause };
  }
}

/**
 * What a machine printed, read from its blob as whoever deploys. What may pass is asked again for ten minutes: the run
 * took hours, and this is all that is known of it. Throws OperationalError `HostReportUnreadable`.
 */
export async function readOutcome(url: string, tenantId: string | undefined, ports = realBlobs): Promise<string> {
  if (!isOutcomeAddress(url)) throw unreadable(url, "that is no address of a report");
  // One for all tries: it remembers its token, and which way of signing in is open.
  const identity = await ports.identity(tenantId);
  const getToken = () => tokenOf(identity, SCOPE, tenantId);
  const mayPass = (answer: string | Failure) => typeof answer !== "string" && answer.passes;
  const answer = await askThroughRoleDelay(() => ask(url, getToken, ports), mayPass, ports.sleep);
  if (typeof answer === "string") return answer;
  throw unreadable(url, answer.why, answer.cause);
}
