/**
 * Why an account with public access disabled cannot be used, with its remedy; empty where it can. `reachedPrivately`:
 * whoever moves is in a network with a private endpoint of it; undefined for a source, which has no such setting.
 */
export function refusePublicAccess(
  { publicNetworkAccess }: { readonly publicNetworkAccess?: string | undefined },
  reachedPrivately: boolean | undefined,
): readonly string[] {
  if (publicNetworkAccess !== "Disabled" || reachedPrivately === true) return [];
  const privately = reachedPrivately === undefined
    ? ""
    : ", or move from a network with a private endpoint of it (destination.publicNetworkAccess: disabled)";
  return [
    `public network access is disabled: enable it from selected networks for the time of the move${privately}`,
  ];
}
