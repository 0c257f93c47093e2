import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { asList, isAzure, known, texts } from "./values";

/** What account keys, SAS tokens and connection strings look like. Wider than needed, on purpose. */
const CREDENTIAL = [
  /\bsig=/i,
  /\b(AccountKey|SharedAccessSignature|SharedAccessKey|client_?secret)\s*[=:]/i,
  /\bBearer\s+\S/i,
  /[A-Za-z0-9+/]{86}==/,
  /\beyJ[A-Za-z0-9_-]{10,}\./,
];

export function looksLikeCredential(text: string): boolean {
  return CREDENTIAL.some((pattern) => pattern.test(text));
}

/** Where a credential belongs. */
const MAY_HOLD = ["keyvault:Secret"];

export const noCredentialsInProperties: ResourceValidationPolicy = {
  name: "no-credentials-in-properties",
  description: "No resource of Azure holds a key or a SAS in its properties, a vault's secrets apart.",
  validateResource: ({ type, props }, report) => {
    if (!type.startsWith("azure-native:") || MAY_HOLD.some((name) => isAzure(type, name))) return;
    const paths = texts(props).filter(([, text]) => looksLikeCredential(text)).map(([path]) => path);
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
