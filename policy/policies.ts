import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { noCredentialsInOutputs, noCredentialsInProperties } from "./credentials";
import { destinationRetained } from "./destinationRetained";
import { diagnosticSettingsOn } from "./diagnosticSettings";
import { networksDenyByDefault } from "./networks";
import { sasLifetime, sasScope, sasTokens } from "./sas";
import { tls } from "./tls";

/** Everything that the pack checks. Levels are the pack's (`mandatory`), unless a team's own file says otherwise. */
export const POLICIES: readonly (ResourceValidationPolicy | StackValidationPolicy)[] = [
  sasLifetime, sasScope, sasTokens, tls, networksDenyByDefault, noCredentialsInProperties, noCredentialsInOutputs,
  destinationRetained, diagnosticSettingsOn,
];
