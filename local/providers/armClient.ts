import { Agent, request, type Dispatcher } from "undici";
import { readEmulators } from "../../migration/access/emulators";

export type Json = Readonly<Record<string, unknown>>;

/** A refusal of the management API, worded as azure-native words it. */
export class ArmFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(`Status=${status} Code="${code}" Message="${message}"`);
    this.name = "ArmFailure";
  }
}

const TIMEOUT_MS = 30_000;

function agentFor(certificate: string): Agent {
  return new Agent({ connect: { ca: certificate }, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
}

function toFailure(status: number, body: unknown): ArmFailure {
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string } };
  return new ArmFailure(status, error?.code ?? "Unknown", error?.message ?? "The answer holds no error.");
}

/** Calls the emulators' management API, wherever it listens today. Throws ArmFailure where it refuses. */
export async function callArm(
  method: Dispatcher.HttpMethod,
  path: string,
  apiVersion: string,
  body?: Json,
): Promise<Json> {
  const { management, certificate } = readEmulators();
  const agent = agentFor(certificate);
  try {
    const answer = await request(`${management}${path}?api-version=${apiVersion}`, {
      method,
      dispatcher: agent,
      headers: { authorization: "Bearer local-provider", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const parsed = (text === "" ? {} : JSON.parse(text)) as Json;
    if (answer.statusCode >= 400) throw toFailure(answer.statusCode, parsed);
    return parsed;
  } finally {
    await agent.close();
  }
}

/** The resource, or undefined where there is none. */
export async function getArm(id: string, apiVersion: string): Promise<Json | undefined> {
  try {
    return await callArm("GET", id, apiVersion);
  } catch (error) {
    if (error instanceof ArmFailure && error.status === 404) return undefined;
    throw error;
  }
}

/** Fine where it is gone already. */
export async function deleteArm(id: string, apiVersion: string): Promise<void> {
  try {
    await callArm("DELETE", id, apiVersion);
  } catch (error) {
    if (!(error instanceof ArmFailure && error.status === 404)) throw error;
  }
}
