import { credentialFromEnvironment } from "../run/fromEnvironment";
import type { CredentialText } from "../run/request";
import type { Side } from "../run/side";
import { vaultReader } from "../run/vaultSecret";
import type { CliIo } from "./io";
import type { Output } from "./output";

/**
 * A side's credential from the environment, a file or a vault, hidden from now on. Throws what
 * `credentialFromEnvironment` throws.
 */
export async function credentialOf(io: CliIo, output: Output, side: Side): Promise<CredentialText> {
  const credential = await credentialFromEnvironment(io.env, side, vaultReader((text) => output.warning(text)));
  output.hide(credential.text);
  return credential;
}
