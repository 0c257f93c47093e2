import { OperationalError } from "../../engine/errors";
import { signText, type Signer } from "../../report/evidence/jws";
import type { CredentialText } from "../request";
import { localSigner } from "./localKey";
import { isVaultKey, vaultSigner, type VaultDoors } from "./vaultKey";

/**
 * Opens what reports are signed with, a private key in PEM or a Key Vault key's address, and signs once to see that it
 * can: a run of hours must not fail on its last line. Throws OperationalError `SigningKey...`.
 */
export async function openSigner({ text, origin }: CredentialText, doors: VaultDoors = {}): Promise<Signer> {
  if (text.trim() === "") {
    throw new OperationalError({
      code: "SigningKeyUnreadable",
      message: `${origin} is empty. Give a private key in PEM or a Key Vault key's address, or leave it out.`,
    });
  }
  const signer = isVaultKey(text) ? await vaultSigner(text, doors) : localSigner(text, origin);
  await signText("{}", signer);
  return signer;
}
