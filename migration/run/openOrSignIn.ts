import type { Store } from "../engine/store";
import { openAzureTables } from "../stores/azureTables";
import { authorizeWith } from "../stores/azureTables/authorize";
import type { TableCredential } from "../stores/azureTables/credential";
import { dialectOf } from "../stores/azureTables/dialect";
import { signInTo } from "./signIn";

/**
 * Opens an account with the credential it is given and, once the account turns out to refuse keys and what they sign,
 * goes on as whoever is signed in (environment, managed identity, Azure CLI), and says so once. Makes no request yet.
 */
export function openOrSignIn(
  credential: TableCredential,
  notice: (text: string) => void = () => undefined,
  signIn: typeof signInTo = signInTo,
): Store {
  const { account, endpoint, dialect: hint } = credential;
  const withoutKeys = () => {
    const { name: dialect } = dialectOf(endpoint, hint);
    const token = signIn({ account, endpoint, dialect });
    notice(`Account ${account} refuses shared keys, and what they sign: signing in there by Entra ID instead.`);
    return authorizeWith({ kind: "signIn", account, endpoint, token });
  };
  return openAzureTables(credential, { withoutKeys });
}
