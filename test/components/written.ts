import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { ConfigurationError, parseConfiguration, type Configuration } from "../../components/config";

export const GUID = "aaaaaaaa-0000-4000-8000-000000000001";

export type Written = Record<string, unknown>;

export function written(overrides: Written = {}): Written {
  return {
    source: { account: "contosotables", tenantId: GUID, subscriptionId: GUID, resourceGroup: "contoso" },
    destination: {
      account: "fabrikamtables",
      tenantId: GUID,
      subscriptionId: GUID,
      resourceGroup: "fabrikam",
      location: "northeurope",
    },
    tables: ["Cities"],
    ...overrides,
  };
}

/** The valid configuration with one part changed: `part("source", {account: 1})`. */
export function part(name: string, changes: Written): Written {
  return written({ [name]: { ...(written()[name] as Written), ...changes } });
}

export type SourceSas = "absent" | "secret" | "plain";

export function parse(migration: unknown, sourceSas: SourceSas = "absent", migrationIsSecret = false): Configuration {
  return parseConfiguration({ migration, migrationIsSecret, sourceSas });
}

/** Every mistake as one line. */
export function mistakes(...args: Parameters<typeof parse>): readonly string[] {
  try {
    parse(...args);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.mistakes.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

/** A stack's file as it is in the repository. */
export function yaml(file: string): { readonly config: Written } {
  return parseYaml(readFileSync(join(__dirname, "../..", file), "utf8")) as { readonly config: Written };
}
