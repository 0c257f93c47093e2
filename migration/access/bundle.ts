/** What opens some tables of one account for a while. It holds secrets. */
export interface CredentialBundle {
  readonly version: 1;
  readonly account: string;
  /** Without trailing slash. */
  readonly endpoint: string;
  /** ISO 8601. */
  readonly expiresOn: string;
  /** Table -> SAS, without leading "?". A destination's has one for the journal's table, too. */
  readonly tables: Readonly<Record<string, string>>;
}

export function formatBundle(bundle: CredentialBundle): string {
  return JSON.stringify(bundle);
}
