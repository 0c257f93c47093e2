import { OperationalError } from "../../engine/errors";
import type { DialectName } from "./dialect";

/**
 * What opens an account's tables.
 * `endpoint` has no trailing slash: `https://contoso.table.core.windows.net`, or path style on an emulator,
 * `http://127.0.0.1:10002/contoso`. A `sas` has no leading "?". Holds secrets: never log one.
 */
export type TableCredential = KeyOrSas & {
  /** What the service speaks, where its host does not say: an emulator of Cosmos DB on this machine. */
  readonly dialect?: DialectName;
};

type KeyOrSas =
  | { readonly kind: "sharedKey"; readonly account: string; readonly endpoint: string; readonly key: string }
  | { readonly kind: "accountSas"; readonly account: string; readonly endpoint: string; readonly sas: string }
  /** Entra ID: whoever is signed in, with the data-plane role that it was granted. */
  | {
      readonly kind: "signIn";
      readonly account: string;
      readonly endpoint: string;
      /** The access token of the moment, at once where one is held. */
      readonly token: () => string | Promise<string>;
    }
  | {
      readonly kind: "tableSas";
      readonly account: string;
      readonly endpoint: string;
      /** Table name -> SAS. Names are looked up without regard to case, as Storage does. */
      readonly tables: ReadonlyMap<string, string>;
    };

/** An endpoint taken apart. */
export interface Endpoint {
  /** `https://contoso.table.core.windows.net`, `http://127.0.0.1:10002`. */
  readonly origin: string;
  /** What precedes a table's name in the path: "" or, path style, `/contoso`. */
  readonly basePath: string;
  /** Host and base path in lower case: the same account whoever opens it. */
  readonly identity: string;
}

/** Hosts that never leave this machine: there, and only there, plain HTTP is allowed. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Takes the final dot off a host: "contoso.example." is "contoso.example" to DNS, and so is its account. */
export function withoutFinalDot(url: URL): URL {
  const plain = new URL(url);
  plain.hostname = url.hostname.replace(/\.+$/, "");
  return plain;
}

function refuse(code: string, message: string): never {
  throw new OperationalError({ code, message });
}

function parsedUrl(endpoint: string): URL {
  // A pasted URL may carry a SAS: only what stands before "?" may be shown.
  const shown = endpoint.split("?")[0]?.replace(/\/\/[^/@]*@/, "//");
  if (!URL.canParse(endpoint)) {
    refuse(
      "EndpointInvalid",
      `The table endpoint "${shown}" is not a URL; expected something like https://ACCOUNT.table.core.windows.net.`,
    );
  }
  const url = withoutFinalDot(new URL(endpoint));
  if (url.search || url.hash || url.username || url.password) {
    refuse("EndpointInvalid", `The table endpoint "${shown}" must hold scheme, host and path only; give a SAS apart.`);
  }
  return url;
}

/**
 * Takes an endpoint apart.
 * Throws `EndpointInvalid`, or `InsecureEndpoint` for plain HTTP to another machine.
 */
export function parseEndpoint(endpoint: string): Endpoint {
  const url = parsedUrl(endpoint);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    refuse("EndpointInvalid", `The table endpoint "${url.origin}" must begin with https://.`);
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    refuse(
      "InsecureEndpoint",
      `The table endpoint "${url.origin}" uses plain HTTP, which would show credentials and data to the network. ` +
        "Use https://; plain HTTP is accepted for loopback addresses only.",
    );
  }
  const basePath = url.pathname.replace(/\/+$/, "");
  return { origin: url.origin, basePath, identity: `${url.host}${basePath}`.toLowerCase() };
}

/** Refuses, before any request, a credential that cannot work. Throws OperationalError; never shows the secret. */
export function checkCredential(credential: TableCredential): void {
  if (credential.kind === "sharedKey" && !/^[A-Za-z0-9+/]+={0,2}$/.test(credential.key)) {
    refuse(
      "AccountKeyInvalid",
      `The key of account ${credential.account} is not Base64; copy it whole, from the portal or from ` +
        '"az storage account keys list".',
    );
  }
  for (const token of tokensOf(credential)) {
    if (!new URLSearchParams(token).get("sig") || /[\s#]/.test(token)) {
      refuse(
        "SasInvalid",
        `A SAS of account ${credential.account} is not a query string with a signature (sig=...); ` +
          "copy the whole token.",
      );
    }
  }
}

function tokensOf(credential: TableCredential): readonly string[] {
  if (credential.kind === "tableSas") return [...credential.tables.values()];
  if (credential.kind === "signIn") return [];
  return credential.kind === "accountSas" ? [credential.sas] : [];
}
