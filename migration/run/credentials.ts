import type { TableCredential } from "../stores/azureTables/credential";
import { readBundle } from "./credentials/bundle";
import { readConnectionString } from "./credentials/connectionString";
import { refuseCredential } from "./credentials/problem";
import type { Reading } from "./credentials/problem";
import type { Side } from "./side";
import { readSasUrl } from "./credentials/sasUrl";

/** The variable that holds a side's credential; with `_FILE` appended, the one that holds a file's path. */
export const CREDENTIAL_VARIABLES: Readonly<Record<Side, string>> = {
  source: "LANDBRIDGE_SOURCE",
  destination: "LANDBRIDGE_DESTINATION",
};

/** A credential holds a few KiB at most; a table SAS for each of thousands of tables stays below this. */
export const CREDENTIAL_CHARACTERS_MAX = 4 * 1024 * 1024;

export interface ParseOptions {
  /** What to call it in errors; default the side's variable. */
  readonly origin?: string;
  /** Milliseconds since 1970, to judge expiry by; default now. */
  readonly nowMs?: number;
}

/**
 * A credential in any form a person or the Pulumi program has it: connection string, account SAS URL, table SAS URL,
 * or bundle JSON. Throws OperationalError (`CredentialMissing`, `ConnectionStringInvalid`, `AccountKeyInvalid`,
 * `EndpointInvalid`, `InsecureEndpoint`, `SasInvalid`, `SasExpired`, `SasNotYetValid`, `BundleInvalid`,
 * `AccountMismatch`); the message names the variable, what is wrong and the remedy, and never the secret.
 */
export function parseCredential(text: string, side: Side, options: ParseOptions = {}): TableCredential {
  const reading: Reading = {
    side,
    origin: options.origin ?? CREDENTIAL_VARIABLES[side],
    nowMs: options.nowMs ?? Date.now(),
  };
  const trimmed = text.trim().replace(/^\uFEFF/, "");
  if (trimmed === "") {
    refuseCredential(reading, "CredentialMissing",
      `it is empty. Give the ${side}'s connection string, SAS URL or credential bundle.`);
  }
  if (trimmed.length > CREDENTIAL_CHARACTERS_MAX) {
    refuseCredential(reading, "CredentialMissing",
      `it holds ${trimmed.length} characters, which no credential does. Is it the right file?`);
  }
  if (trimmed.startsWith("{")) return readBundle(reading, trimmed);
  if (/^https?:\/\//i.test(trimmed)) return readSasUrl(reading, trimmed);
  return readConnectionString(reading, trimmed);
}
