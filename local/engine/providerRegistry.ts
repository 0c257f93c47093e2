import { azureNative } from "../providers/azureNative";
import { command } from "../providers/command";
import { dynamicProvider } from "./dynamicProvider";
import { pluginProvider, type ProviderFactory } from "./pluginProvider";
import type { EngineProvider } from "./provider";
import { stripSecrets, type Properties } from "./value";

export const DYNAMIC_PACKAGE = "pulumi-nodejs";

/** The packages that run here. A resource of any other one is refused. */
const FACTORIES: ReadonlyMap<string, ProviderFactory> = new Map<string, ProviderFactory>([
  ["azure-native", azureNative],
  ["command", command],
]);

export const PROVIDER_TYPE = "pulumi:providers:";

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_TYPE);
}

/** Providers by the URN of the resource that configures them. */
export class ProviderRegistry {
  readonly #instances = new Map<string, EngineProvider>();

  constructor(private readonly projectFolder: string) {}

  /** Configures a provider; again with other inputs, it is another one. */
  configure(urn: string, packageName: string, configuration: Properties): EngineProvider {
    const made = this.#make(packageName, configuration);
    this.#instances.set(urn, made);
    return made;
  }

  get(urn: string): EngineProvider | undefined {
    return this.#instances.get(urn);
  }

  #make(packageName: string, configuration: Properties): EngineProvider {
    if (packageName === DYNAMIC_PACKAGE) return dynamicProvider(this.projectFolder);
    const factory = FACTORIES.get(packageName);
    if (factory === undefined) {
      const known = [...FACTORIES.keys(), DYNAMIC_PACKAGE].join(" and ");
      throw new Error(`The local engine has no provider "${packageName}", only ${known}: use the Pulumi CLI.`);
    }
    return pluginProvider(factory(stripSecrets(configuration)));
  }
}
