import { createHmac } from "node:crypto";
import { OperationalError } from "../../engine/errors";
import type { TableCredential } from "./credential";

/** What a request needs of a credential: a header, or a suffix to its query string. */
export interface Authorization {
  /** The Authorization header, for a shared key or an access token. */
  readonly header?: string;
  /** A SAS to append to the query string, without "?" or "&". Secret. */
  readonly sas?: string;
  /** Goes out as x-ms-date. */
  readonly date: string;
}

/**
 * Signs requests. `table` is undefined for requests to the account itself (listing, creating). A promise only where
 * something has to be asked for first: an access token, about once an hour.
 */
export type Authorize = (path: string, table: string | undefined) => Authorization | Promise<Authorization>;

/** The present moment as HTTP writes it. Made once a second: it has no smaller unit. */
class HttpDate {
  private second = NaN;
  private text = "";

  now(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.text = new Date(second * 1000).toUTCString();
    }
    return this.text;
  }
}

/** Signatures kept for the second they are good for: batches and inserts of one table share one. */
const SIGNATURES_KEPT_MAX = 64;

/** SharedKeyLite for tables signs the date and the path as it is sent (no query: none of ours has `comp`). */
function sharedKeyLite(account: string, key: string): Authorize {
  const secret = Buffer.from(key, "base64");
  const clock = new HttpDate();
  const signed = new Map<string, string>();
  let signedAt = "";
  return (path) => {
    const date = clock.now();
    if (date !== signedAt || signed.size >= SIGNATURES_KEPT_MAX) {
      signed.clear();
      signedAt = date;
    }
    let header = signed.get(path);
    if (header === undefined) {
      const signature = createHmac("sha256", secret).update(`${date}\n/${account}${path}`).digest("base64");
      header = `SharedKeyLite ${account}:${signature}`;
      // Paths that name a row are hardly ever asked for twice.
      if (!path.endsWith("')")) signed.set(path, header);
    }
    return { date, header };
  };
}

/** The SAS of a table in a bundle. Storage ignores the case of table names, so does this. */
function perTable(tables: ReadonlyMap<string, string>): Authorize {
  const byName = new Map([...tables].map(([table, sas]) => [table.toLowerCase(), sas]));
  const clock = new HttpDate();
  return (_path, table) => {
    const sas = table === undefined ? undefined : byName.get(table.toLowerCase());
    if (sas !== undefined) return { date: clock.now(), sas };
    const held = [...tables.keys()].join(", ") || "none";
    throw new OperationalError({
      code: "TableNotGranted",
      message: table === undefined
        ? "A credential bundle holds a SAS per table, and none of them opens the account itself (to list, create or " +
          `delete tables). It holds: ${held}. Use a connection string or an account SAS (srt=co) for that.`
        : `The credential bundle holds no SAS for table "${table}". It holds: ${held}. ` +
          "Add the table to the migration and let it mint a SAS, or leave the table out.",
    });
  };
}

/** A token is awaited only where none is held: a promise for each request would cost more than signing. */
function bearer(token: () => string | Promise<string>): Authorize {
  const clock = new HttpDate();
  const headerOf = (text: string): Authorization => ({ date: clock.now(), header: `Bearer ${text}` });
  return () => {
    const held = token();
    return typeof held === "string" ? headerOf(held) : held.then(headerOf);
  };
}

export function authorizeWith(credential: TableCredential): Authorize {
  switch (credential.kind) {
    case "sharedKey": return sharedKeyLite(credential.account, credential.key);
    case "accountSas": {
      const clock = new HttpDate();
      return () => ({ date: clock.now(), sas: credential.sas });
    }
    case "tableSas": return perTable(credential.tables);
    case "signIn": return bearer(credential.token);
  }
}
