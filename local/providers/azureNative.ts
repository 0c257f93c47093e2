import { equal, stripSecrets, type Properties, type Value } from "../engine/value";
import { parseUrn } from "../engine/urn";
import { callArm, deleteArm, getArm, type Json } from "./armClient";
import { FUNCTIONS, type ProviderConfiguration } from "./functions";
import { pick, type ResourceKind } from "./kind";
import { KINDS } from "./kinds";
import type { StandIn } from "./standIn";

/** The version of azure-native whose names and shapes these stand-ins have. */
const VERSION = "3.28.0";
/** An output of ours: what the resource was made from and cannot change. Compared to say what must be replaced. */
const IDENTITY = "__identity";

function kindOf(urn: string): ResourceKind {
  const { type } = parseUrn(urn);
  const kind = KINDS.get(type);
  if (kind !== undefined) return kind;
  throw new Error(`The emulators know no resource type ${type}, only ${[...KINDS.keys()].join(", ")}.`);
}

function plain(properties: unknown): Json {
  return stripSecrets((properties ?? {}) as Properties);
}

function subscriptionOf({ subscriptionId }: ProviderConfiguration): string {
  if (subscriptionId !== "") return subscriptionId;
  const remedy = "give the provider a subscriptionId, or set azure-native:subscriptionId";
  throw new Error(`No subscription is configured: ${remedy}.`);
}

function outputsOf(kind: ResourceKind, body: Json, identity: unknown): Json {
  return { ...pick(body, ["location", "name", "type"]), ...kind.fromArm(body), [IDENTITY]: identity };
}

type Inputs = Record<string, Value>;

/** The inputs with the name and location they lack; a name that was generated once is kept. */
function complete(kind: ResourceKind, name: string, olds: Json, news: Inputs, location: string | undefined): Inputs {
  const { property, generate } = kind.naming;
  const named = news[property] ?? (olds[property] as Value | undefined) ?? generate(name);
  const located = kind.inputs.includes("location") ? (news.location ?? location) : undefined;
  return { ...news, [property]: named, ...(located === undefined ? {} : { location: located }) };
}

/** Writes one resource with PUT; creating, it must not be there yet. */
async function write(kind: ResourceKind, inputs: Json, configuration: ProviderConfiguration, create: boolean) {
  const id = kind.id(inputs, subscriptionOf(configuration));
  if (create && (await getArm(id, kind.apiVersion)) !== undefined) {
    throw new Error(`cannot create already existing resource '${id}'`);
  }
  const body = await callArm("PUT", id, kind.apiVersion, kind.toArm(inputs));
  return { id: String(body.id), outs: outputsOf(kind, body, pick(inputs, kind.immutable)) };
}

/**
 * Stands in for azure-native on this machine: same types, names and behaviour for what the program uses, carried out
 * by the emulators' management API. Written against Pulumi's own interface, so that its CLI can attach to it too.
 */
export function azureNative(settings: Json): StandIn {
  const { subscriptionId = "", tenantId = "", location } = plain(settings);
  const configuration: ProviderConfiguration = {
    subscriptionId: String(subscriptionId),
    tenantId: String(tenantId),
    location: typeof location === "string" ? location : undefined,
  };
  return {
    version: VERSION,
    check: async (urn, olds: Json, news: Inputs) => {
      const kind = kindOf(urn);
      const inputs = complete(kind, parseUrn(urn).name, plain(olds), news, configuration.location);
      const missing = kind.required.filter((key) => inputs[key] === undefined || inputs[key] === null);
      const unknown = Object.keys(news).filter((key) => !kind.inputs.includes(key) && !key.startsWith("__"));
      const failures = [
        ...missing.map((property) => ({ property, reason: `missing required property '${property}'` })),
        ...unknown.map((property) => ({ property, reason: `unknown property '${property}'` })),
      ];
      return await Promise.resolve({ inputs, failures });
    },
    diff: async (_, urn, olds: Json, news: Json) => {
      const kind = kindOf(urn);
      const [before, after] = [plain(olds)[IDENTITY] as Json, plain(news)];
      // What is not known yet counts as different, as it does in Pulumi.
      const replaces = kind.immutable.filter((key) => !equal(before[key] as Value, after[key] as Value));
      // A name is taken while the old resource is there. Whether anything else changed, the inputs tell the engine.
      const { property } = kind.naming;
      const deleteBeforeReplace = equal(before[property] as Value, after[property] as Value);
      return await Promise.resolve(replaces.length > 0 ? { changes: true, replaces, deleteBeforeReplace } : {});
    },
    create: async (urn, inputs: Json) => await write(kindOf(urn), plain(inputs), configuration, true),
    update: async (_, urn, __, news: Json) => await write(kindOf(urn), plain(news), configuration, false),
    read: async (id, urn, props: Json) => {
      const kind = kindOf(urn);
      const body = await getArm(id, kind.apiVersion);
      if (body === undefined) return { id: "", props: {} };
      return { id, props: outputsOf(kind, body, plain(props)[IDENTITY] ?? {}) };
    },
    delete: async (id, urn) => {
      const kind = kindOf(urn);
      await deleteArm(kind.deletePath?.(id) ?? id, kind.apiVersion);
    },
    invoke: async (token, args: Json) => {
      const call = FUNCTIONS.get(token);
      if (call === undefined) throw new Error(`The emulators know no function ${token}.`);
      subscriptionOf(configuration);
      return { outputs: await call(plain(args), configuration) };
    },
  };
}
