export type PrincipalType = "ServicePrincipal" | "User" | "Group";

/**
 * Applications that people sign in with: Azure CLI (and azd), Azure PowerShell, Visual Studio Code. Whoever is signed
 * in through one of them is a user; any other application signs in as itself.
 */
const PEOPLES_APPLICATIONS = [
  "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
  "1950a258-227b-4e31-a9cf-717495945fc2",
  "aebc6443-996d-45c2-90f0-388ff96faa56",
];

/** What kind of identity deploys, from the application it signed in with. */
export function deployerType(clientId: string): PrincipalType {
  return PEOPLES_APPLICATIONS.includes(clientId) ? "User" : "ServicePrincipal";
}
