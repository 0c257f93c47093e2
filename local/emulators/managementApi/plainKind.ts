import type { z } from "zod";
import { ArmError, notFound } from "./armError";
import { parseBody, requireGroup, type ArmCall, type ArmKind } from "./kind";
import type { ArmResource } from "./state";

/** The parts of a body that are kept beside its properties. */
type Body = Pick<ArmResource, "location" | "kind" | "tags" | "sku" | "identity"> & {
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
};

export interface PlainKindOptions<T extends Body> {
  /** As Azure spells it: `Microsoft.App/jobs`. */
  readonly type: string;
  readonly schema: z.ZodType<T>;
  /** What the last of its names may look like, in words too. */
  readonly name: readonly [RegExp, string];
  /** Throws where Azure would refuse the body. `before` is there when it is an update. */
  readonly check?: (call: ArmCall, body: T, before: ArmResource | undefined) => void;
  /** Properties that the service adds. */
  readonly adds?: (call: ArmCall, body: T, before: ArmResource | undefined) => Readonly<Record<string, unknown>>;
}

export function badRequest(message: string): ArmError {
  return new ArmError(400, "BadRequest", message);
}

/** A resource that is named by an id, wherever it hangs. Throws 404 as ARM says it. */
export function requireResource({ state }: ArmCall, id: string, type?: string): ArmResource {
  const found = state.get(id);
  if (found === undefined) throw notFound(id);
  if (type !== undefined && found.type !== type) throw badRequest(`'${id}' is no ${type}, but a ${found.type}.`);
  return found;
}

/** What the called resource hangs below: `.../privateEndpoints/x` for `.../privateEndpoints/x/y/z`. */
export function parentId({ target }: ArmCall): string {
  return target.id.split("/").slice(0, -2).join("/");
}

/** A location cannot change, and a group's resources need their group. */
function checkPlace(call: ArmCall, { location }: Body, before: ArmResource | undefined): void {
  if (call.target.scope === "") requireGroup(call);
  if (call.target.names.length > 1) requireResource(call, parentId(call));
  if (before === undefined || before.location === location) return;
  const message = `The resource '${before.name}' already exists in location '${before.location ?? ""}', and cannot be `
    + `in '${location ?? ""}'.`;
  throw new ArmError(409, "InvalidResourceLocation", message);
}

/** A kind that is no more than its settings, checked when they are written. */
export function plainKind<T extends Body>(options: PlainKindOptions<T>): ArmKind {
  return {
    get: (call) => ({ status: 200, body: requireResource(call, call.target.id) }),
    put: (call) => {
      const { target, state } = call;
      const body = parseBody(options.schema, call.body);
      const name = target.names.at(-1) ?? "";
      const [pattern, words] = options.name;
      if (!pattern.test(name)) {
        throw new ArmError(400, "InvalidResourceName", `'${name}' is no name for a ${options.type}: ${words}.`);
      }
      const before = state.get(target.id);
      checkPlace(call, body, before);
      options.check?.(call, body, before);
      const { location, kind, sku, tags, identity, properties } = body;
      const saved = state.put({
        id: before?.id ?? target.id,
        name,
        type: options.type,
        ...(location === undefined ? {} : { location }),
        ...(kind === undefined ? {} : { kind }),
        ...(sku === undefined ? {} : { sku }),
        ...(identity === undefined ? {} : { identity }),
        tags: tags ?? before?.tags ?? {},
        properties: { ...properties, ...options.adds?.(call, body, before), provisioningState: "Succeeded" },
      });
      return { status: before === undefined ? 201 : 200, body: saved };
    },
    delete: ({ state, target }) => {
      if (state.get(target.id) === undefined) return { status: 204 };
      state.delete(target.id);
      return { status: 200 };
    },
  };
}
