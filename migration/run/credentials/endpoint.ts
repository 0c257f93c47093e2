import { isLoopback, withoutFinalDot } from "../../stores/azureTables/credential";
import { refuseCredential, shownName } from "./problem";
import type { Reading } from "./problem";

/** An endpoint and the account it belongs to. */
export interface AccountEndpoint {
  /** Without trailing slash. */
  readonly endpoint: string;
  readonly account: string;
  /** What follows the account in the path: a table's name, or "". */
  readonly rest: string;
}

/** Reads of a geo-redundant account's second copy are signed with the account's own name. */
const SECONDARY = /-secondary$/;

/** Hosts without a name of an account in them. */
export function isAddress(hostname: string): boolean {
  return hostname === "localhost" || hostname.startsWith("[") || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}

/** Takes a URL apart that names an account; `what` names it in errors (`TableEndpoint`, `the SAS URL`). */
export function readEndpoint(reading: Reading, what: string, text: string): AccountEndpoint {
  const url = URL.canParse(text) ? withoutFinalDot(new URL(text)) : undefined;
  if (url === undefined) {
    refuseCredential(reading, "EndpointInvalid",
      `${what} is not a URL. Expected something like https://ACCOUNT.table.core.windows.net.`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    refuseCredential(reading, "EndpointInvalid", `${what} must begin with https://.`);
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    refuseCredential(reading, "EndpointInvalid",
      `${what} holds a user name, a password or a fragment, which tables have no use for. Copy it anew.`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    refuseCredential(reading, "InsecureEndpoint",
      `${what} is plain HTTP to ${url.host}, which would show the credential and the data to the network. Use https://; ` +
      "plain HTTP is accepted for this machine (loopback) only.");
  }
  const path = url.pathname.split("/").filter((part) => part !== "");
  // An address has no account in its name: it stands first in the path, as emulators do it.
  const inPath = isAddress(url.hostname);
  const account = inPath ? path[0] : url.hostname.split(".")[0];
  if (account === undefined || account === "") {
    refuseCredential(reading, "EndpointInvalid",
      `${what} names no account. On an emulator it is the first part of the path: http://127.0.0.1:10002/ACCOUNT.`);
  }
  const rest = (inPath ? path.slice(1) : path).join("/");
  const endpoint = inPath ? `${url.origin}/${account}` : url.origin;
  return { endpoint, account: account.replace(SECONDARY, ""), rest };
}

/** Refuses an account's name that belongs to another endpoint: what is signed would be refused anyway. */
export function expectAccount(reading: Reading, what: string, named: string, found: AccountEndpoint): void {
  if (named.toLowerCase() === found.account.toLowerCase()) return;
  refuseCredential(reading, "AccountMismatch",
    `${what} says account ${shownName(named)}, and its endpoint belongs to ${shownName(found.account)}. ` +
    "Copy both from the same account.");
}
