/** Whoever deploys, as far as the emulators are concerned: made up, but of the right shape. */
export const DEPLOYER = {
  clientId: "eeeeeeee-0000-4000-8000-000000000001",
  objectId: "eeeeeeee-0000-4000-8000-000000000002",
} as const;
