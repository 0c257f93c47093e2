import { z } from "zod";
import { ArmError } from "./armError";
import type { ArmId } from "./armId";
import type { EmulatedAccount } from "./emulatedAccount";
import type { EmulatedCosmosAccount } from "./emulatedCosmosAccount";
import type { ManagementState } from "./state";

/** One call, as a kind of resource sees it. */
export interface ArmCall {
  readonly target: ArmId;
  /** `2025-06-01`: what a version does not know, it neither shows nor keeps. */
  readonly apiVersion: string;
  /** The parsed JSON body; undefined where there is none. */
  readonly body: unknown;
  readonly state: ManagementState;
  /** The emulated accounts by name. */
  readonly accounts: ReadonlyMap<string, EmulatedAccount>;
  /** The emulated Cosmos DB accounts by name. */
  readonly cosmos: ReadonlyMap<string, EmulatedCosmosAccount>;
}

export interface ArmAnswer {
  readonly status: number;
  /** Absent: an empty answer. */
  readonly body?: unknown;
}

export type ArmHandler = (call: ArmCall) => ArmAnswer | Promise<ArmAnswer>;

/** What can be done with one type of resource. What is missing is refused with 405. */
export interface ArmKind {
  readonly get?: ArmHandler;
  readonly put?: ArmHandler;
  readonly patch?: ArmHandler;
  readonly delete?: ArmHandler;
  readonly list?: ArmHandler;
  /** POST actions by lower-case name. */
  readonly actions?: Readonly<Record<string, ArmHandler>>;
}

/** The body as its schema wants it. Errors name the path, never the value: it may be a secret. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${issue.message} (path '${issue.path.join(".")}')`);
  const message = `The request content was invalid and could not be deserialized: ${reasons.join("; ")}.`;
  throw new ArmError(400, "InvalidRequestContent", message);
}

export const tagsSchema = z.record(z.string(), z.string());

/** A resource group that exists, or 404 as ARM says it. */
export function requireGroup({ state, target }: ArmCall): void {
  const id = `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}`;
  if (state.get(id) !== undefined) return;
  const message = `Resource group '${target.resourceGroup}' could not be found.`;
  throw new ArmError(404, "ResourceGroupNotFound", message);
}
