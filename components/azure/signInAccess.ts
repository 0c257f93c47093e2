import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";
import type { NetworkOpening } from "../../migration/resources";
import { openNetworkFor } from "./accessOpening";
import { countTables, RIGHTS, UNTIL_CLOSED, type AccessTerms } from "./accessTerms";
import { dependsOnFence, type Fence } from "./fence";
import { deployerType } from "./deployer";
import { tableEndpoint } from "./sharedKeys";
import { signInBundle } from "./signInBundle";
import { stableGuid } from "./stableGuid";

/** How a storage account that refuses shared keys is opened: by a role, for identities of its own tenant. */
export interface SignIn {
  /** Names alone, known before anything is there. */
  readonly names: AccountRef;
  /** Of its tables. Default: where Azure's public cloud has it. */
  readonly endpoint?: pulumi.Input<string>;
  /**
   * Object id, in the account's tenant, of the identity that copies: a multi-tenant application has another one in each
   * tenant. Default: whoever deploys.
   */
  readonly principalId?: string;
}

export interface SignInAccessArgs extends SignIn {
  /** Waits until the account is there. */
  readonly account: pulumi.Input<AccountRef>;
  /** source: read and nothing more. destination: rows of every kind of change, and tables. */
  readonly purpose: "source" | "destination";
  readonly tables: pulumi.Input<string[]>;
  readonly terms: AccessTerms;
  /** What shuts writers out: the firewall is opened after it. */
  readonly fence?: Fence;
  /** Further identities, by name: object ids. */
  readonly runners?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The bundle for whoever signs in; unknown while the account's endpoint is. */
export function storageBundle({ names: { account, tenantId }, endpoint }: SignIn): pulumi.Output<string> {
  const found = pulumi.output(endpoint ?? tableEndpoint(account, {}));
  return found.apply((known) => signInBundle({ account, endpoint: known, tenantId }, "storage"));
}

/** Built-in roles, the same in every tenant: Storage Table Data Reader, and Storage Table Data Contributor. */
const ROLES = {
  source: "76199698-9eea-4c19-bc75-cec21354c6b6",
  destination: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
} as const;

/**
 * Temporary access by Entra ID to a storage account that refuses shared keys, and with them every SAS: a role on the
 * account's tables. No key signs, so none is regenerated. Deleted in the order: roles, firewall openings.
 */
export class SignInAccess extends pulumi.ComponentResource {
  /** A credential bundle that says to sign in. It is unknown until the roles are there, and holds no secret. */
  readonly bundle: pulumi.Output<string>;
  /** In words: it ends when this is deleted. */
  readonly expiresOn: pulumi.Output<string>;
  readonly tables: pulumi.Output<string[]>;
  /** Empty: no key dies with it. */
  readonly rotates: pulumi.Output<string>;
  readonly grant: pulumi.Output<string>;

  constructor(name: string, args: SignInAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:SignInAccess", name, {}, opts);
    const { purpose } = args;
    const roles = this.roles(name, args, openNetworkFor(name, args, { parent: this, ...dependsOnFence(args.fence) }));
    const granted = pulumi.all(roles.map(({ id }) => id));
    this.bundle = pulumi.secret(pulumi.all([storageBundle(args), granted]).apply(([bundle]) => bundle));
    this.expiresOn = pulumi.output(UNTIL_CLOSED);
    this.tables = pulumi.output(args.tables);
    this.rotates = pulumi.output("");
    this.grant = this.tables.apply((tables) => {
      return `${RIGHTS[purpose]} on ${countTables(tables)} by Entra ID, ${UNTIL_CLOSED}`;
    });
    const { expiresOn, tables, rotates, grant } = this;
    this.registerOutputs({ bundle: this.bundle, expiresOn, tables, rotates, grant });
  }

  private roles(name: string, args: SignInAccessArgs, dependsOn: readonly NetworkOpening[]) {
    const { names, purpose, principalId } = args;
    const subscription = `/subscriptions/${names.subscriptionId}`;
    const accountId = `${subscription}/resourceGroups/${names.resourceGroup}/providers/Microsoft.Storage/`
      + `storageAccounts/${names.account}`;
    const opts = { parent: this, dependsOn: [...dependsOn, ...(dependsOnFence(args.fence).dependsOn ?? [])] };
    const grant = (who: string, id: pulumi.Input<string>, principalType?: pulumi.Input<string>) =>
      new authorization.RoleAssignment(
        `${name}-role-${who}`,
        {
          // A role waits for its account, and a preview still sees where it will be.
          scope: pulumi.output(args.account).apply(() => accountId),
          roleAssignmentName: pulumi.output(id).apply((text) => stableGuid(names.account, text, purpose, who)),
          roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[purpose]}`,
          principalId: id,
          ...(principalType === undefined ? {} : { principalType }),
        },
        opts,
      );
    const runners = Object.entries(args.runners ?? {}).map(([who, id]) => grant(who, id));
    if (principalId !== undefined) return [grant("copier", principalId, "ServicePrincipal"), ...runners];
    const deployer = authorization.getClientConfigOutput({ parent: this });
    return [grant("deployer", deployer.objectId, deployer.clientId.apply(deployerType)), ...runners];
  }
}
