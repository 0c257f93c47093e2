/** Where to sign in, and to what. */
export interface SignInPlace {
  readonly account: string;
  /** Without trailing slash. */
  readonly endpoint: string;
  /** The account's tenant; absent: the identity's own. */
  readonly tenantId?: string | undefined;
}

/** Whether an endpoint says by its name that Cosmos DB answers there; an emulated account's does not. */
export function namesCosmos(endpoint: string): boolean {
  return endpoint.includes(".table.cosmos.");
}

/** A credential that says to sign in by Entra ID: no secret is in it. */
export function signInBundle({ account, endpoint, tenantId }: SignInPlace, service: "storage" | "cosmos"): string {
  // An emulated account's address does not say what it speaks, and means storage unless it is told otherwise.
  const hint = service === "cosmos" && !namesCosmos(endpoint) ? { dialect: "cosmos" } : {};
  return JSON.stringify({ version: 1, account, endpoint, ...hint, signIn: { tenantId } });
}
