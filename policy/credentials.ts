import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { asList, isAzure, known, texts } from "./values";

/** What account keys, SAS tokens and connection strings look like. Wider than needed, on purpose. */
const CREDENTIAL = [
  // Also within an address that was encoded once more: there a percent escape stands before it.
  /((?<![A-Za-z])|(?<=%[0-9A-F]{2}))sig(=|%3D)/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AccountKey|SharedAccessSignature|SharedAccessKey|client_?secret)\s*[=:]/i,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{16,}/i,
  /[A-Za-z0-9+/]{86}==/,
  /\beyJ[A-Za-z0-9_-]{10,}\./,
];

function looksLikeCredential(text: string): boolean {
  return CREDENTIAL.some((pattern) => pattern.test(text));
}

/** Where a credential belongs. */
const MAY_HOLD = ["keyvault:Secret"];
/** What of a command others on its host can read; a connection and standard input are for secrets. */
const OF_COMMANDS = ["create", "update", "delete", "environment", "triggers"];

function looked(type: string, props: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (type.startsWith("command:")) {
    return Object.fromEntries(OF_COMMANDS.map((name) => [name, known(() => props[name])]));
  }
  return type.startsWith("azure-native:") && !MAY_HOLD.some((name) => isAzure(type, name)) ? props : {};
}

export const noCredentialsInProperties: ResourceValidationPolicy = {
  name: "no-credentials-in-properties",
  description: "No resource of Azure, and no command line, holds a key or a SAS; a vault's secrets may.",
  validateResource: ({ type, props }, report) => {
    const paths = texts(looked(type, props)).filter(([, text]) => looksLikeCredential(text)).map(([path]) => path);
    for (const path of paths) report(`${path} holds what looks like a credential. Refer to a vault's secret instead.`);
  },
};

interface OutputsConfig {
  readonly except?: readonly string[];
}

/**
 * Pulumi hands secrets to a policy in the clear and does not say that they are secret, so a secret output cannot be
 * told from a plain one: either may be named in `except`.
 */
export const noCredentialsInOutputs: StackValidationPolicy = {
  name: "no-credentials-in-outputs",
  description: "No output of the stack holds a key or a SAS, but those that the team names (except).",
  configSchema: { properties: { except: { type: "array", items: { type: "string" }, default: [] } } },
  validateStack: ({ resources, getConfig }, report) => {
    const except = new Set(asList(getConfig<OutputsConfig>().except).map(String));
    for (const { props, urn } of resources.filter(({ type }) => type === "pulumi:pulumi:Stack")) {
      const names = Object.keys(props).filter((name) => !except.has(name)).filter((name) => {
        return texts(known(() => props[name] as unknown), name).some(([, text]) => looksLikeCredential(text));
      });
      for (const name of names) {
        report(`The output ${name} holds what looks like a credential. Set credentialOutputs to false and read it from `
          + "the vault, or name the output in `except`.", urn);
      }
    }
  },
};
