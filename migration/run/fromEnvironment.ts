import { readFile } from "node:fs/promises";

import { OperationalError } from "../engine/errors";
import { describeFileError } from "../report/write";
import { CREDENTIAL_CHARACTERS_MAX, CREDENTIAL_VARIABLES } from "./credentials";
import type { CredentialText } from "./request";
import type { Side } from "./side";
import { isVaultKey } from "./signing/vaultKey";
import { readVaultSecret } from "./vaultSecret";

const SIGNING_VARIABLE = "LANDBRIDGE_SIGNING_KEY";

export type Environment = Readonly<Record<string, string | undefined>>;

function refuse(message: string): never {
  throw new OperationalError({ code: "CredentialMissing", message });
}

async function readCredentialFile(names: string, file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length <= CREDENTIAL_CHARACTERS_MAX) return bytes.toString("utf8");
  } catch (cause) {
    throw new OperationalError({
      code: "CredentialMissing",
      message: `${names} the file ${file}, which cannot be read (${describeFileError(cause)}). ` +
        "Give the path of a readable file.",
      cause,
    });
  }
  return refuse(`${names} the file ${file}, which is too large for a credential. Is it the right file?`);
}

/** The one of some variables that is set; undefined where none is. Two are refused: nobody can know which is meant. */
function chosen(environment: Environment, variables: readonly string[]): string | undefined {
  const set = variables.filter((variable) => (environment[variable] ?? "") !== "");
  if (set.length > 1) refuse(`${set.join(" and ")} are both set. Unset the one that is not meant.`);
  return set[0];
}

/** A variable's text, or that of the file which `..._FILE` names; undefined where neither is set. */
async function secretFrom(environment: Environment, variable: string): Promise<CredentialText | undefined> {
  const fileVariable = `${variable}_FILE`;
  const given = chosen(environment, [variable, fileVariable]);
  if (given === undefined) return undefined;
  const value = environment[given] ?? "";
  if (given === variable) return { text: value, origin: variable };
  return { text: await readCredentialFile(`${fileVariable} names`, value), origin: `${fileVariable} (${value})` };
}

/**
 * A side's credential from `LANDBRIDGE_SOURCE` or `LANDBRIDGE_DESTINATION`, from the file named by `..._FILE`, or from
 * the vault's secret whose address is in `..._VAULT`; never from the command line, which every process on the machine
 * can read. Throws OperationalError `CredentialMissing`, or what `readVaultSecret` throws.
 */
export async function credentialFromEnvironment(
  environment: Environment,
  side: Side,
  readVault: (place: string, origin: string) => Promise<string> = readVaultSecret,
): Promise<CredentialText> {
  const variable = CREDENTIAL_VARIABLES[side];
  const [fileVariable, vaultVariable] = [`${variable}_FILE`, `${variable}_VAULT`];
  if (chosen(environment, [variable, fileVariable, vaultVariable]) === vaultVariable) {
    const place = environment[vaultVariable] ?? "";
    return { text: await readVault(place, vaultVariable), origin: `${vaultVariable} (${place})` };
  }
  return await secretFrom(environment, variable) ?? refuse(`${variable} is not set. Set it to the ${side}'s `
    + `connection string, SAS URL or credential bundle, or set ${fileVariable} to the path of a file that holds one, `
    + `or ${vaultVariable} to a vault's secret.`);
}

/** What reports are signed with, where LANDBRIDGE_SIGNING_KEY or ..._FILE says so. Throws `CredentialMissing`. */
export async function signingKeyFromEnvironment(environment: Environment): Promise<CredentialText | undefined> {
  return secretFrom(environment, SIGNING_VARIABLE);
}

/** A Key Vault key's address, or the path of a file with a private key in PEM. Throws `CredentialMissing`. */
export async function signingKeyAt(place: string): Promise<CredentialText> {
  if (isVaultKey(place)) return { text: place, origin: place };
  return { text: await readCredentialFile("signingKey names", place), origin: place };
}
