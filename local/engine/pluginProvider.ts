import type { Provider } from "@pulumi/pulumi/provider";
import type { EngineProvider } from "./provider";
import { toProperties, type Properties } from "./value";

function named(failures: readonly { readonly property: string; readonly reason: string }[]): string {
  return failures.map(({ property, reason }) => `${reason} (${property})`).join("; ");
}

/** A provider written against Pulumi's own interface, called in process: it cannot tell the difference. */
export function pluginProvider(provider: Provider): EngineProvider {
  return {
    check: async ({ urn }, olds, news) => {
      const result = await provider.check?.(urn, olds, news);
      const inputs = toProperties(result?.inputs ?? news, "The result of check");
      return { inputs, failures: result?.failures ?? [] };
    },
    diff: async ({ urn }, id, olds, news) => {
      const result = await provider.diff?.(id, urn, olds, news);
      const { changes, replaces = [], deleteBeforeReplace = false } = result ?? {};
      return { ...(changes === undefined ? {} : { changes }), replaces, deleteBeforeReplace };
    },
    create: async ({ urn, type }, inputs) => {
      if (provider.create === undefined) throw new Error(`The provider cannot create ${type}.`);
      const { id, outs } = await provider.create(urn, inputs);
      return { id, outputs: toProperties(outs, "The result of create") };
    },
    update: async ({ urn, type }, id, olds, news) => {
      if (provider.update === undefined) throw new Error(`The provider cannot update ${type}.`);
      return toProperties((await provider.update(id, urn, olds, news)).outs, "The result of update");
    },
    read: async ({ urn }, id, outputs) => {
      if (provider.read === undefined) return { id, outputs };
      const result = await provider.read(id, urn, outputs);
      return {
        ...(result.id === undefined || result.id === "" ? {} : { id: result.id }),
        outputs: toProperties(result.props, "The result of read"),
        ...(result.inputs === undefined ? {} : { inputs: toProperties(result.inputs, "The inputs of read") }),
      };
    },
    delete: async ({ urn, type }, id, outputs) => {
      if (provider.delete === undefined) throw new Error(`The provider cannot delete ${type}.`);
      await provider.delete(id, urn, outputs);
    },
    invoke: async (token, args) => {
      if (provider.invoke === undefined) throw new Error(`The provider has no function ${token}.`);
      const { outputs, failures = [] } = await provider.invoke(token, args);
      if (failures.length > 0) throw new Error(`Invoke of '${token}' failed: ${named(failures)}`);
      return toProperties(outputs, "The result of invoke");
    },
  } satisfies EngineProvider;
}

export type ProviderFactory = (configuration: Properties) => Provider;
