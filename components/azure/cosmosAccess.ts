import * as authorization from "@pulumi/azure-native/authorization";
import * as cosmosdb from "@pulumi/azure-native/cosmosdb";
import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import { KeyRotation, type NetworkOpening } from "../../migration/resources";
import { openNetworkFor } from "./accessOpening";
import { countTables, RIGHTS, UNTIL_CLOSED, type AccessTerms } from "./accessTerms";
import { grantCosmosRole } from "./cosmosRole";
import { namesCosmos, signInBundle } from "./signInBundle";

/** A Cosmos DB account whose access is ours to give and to take. */
export interface CosmosTarget {
  readonly account: pulumi.Input<AccountRef>;
  /** Names alone, known before anything is there. */
  readonly accountName: string;
  readonly tenantId: string;
  readonly accountId: pulumi.Input<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Without trailing slash. */
  readonly endpoint: string;
  /** True: a key opens the account, and is regenerated when access goes. False: Entra ID alone. */
  readonly localAuth: boolean;
  /** The key that is used where `localAuth` is true. Default key2. */
  readonly keyName?: KeyName;
  /** As for a storage account. */
  readonly reachedPrivately?: boolean;
  /** Identities besides the deployer's that run the move, by name: object ids. */
  readonly runners?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The azure-native provider of the account's side: its tenant and subscription are not the ambient ones. */
  readonly provider?: pulumi.ProviderResource;
}

export interface CosmosAccessArgs extends CosmosTarget {
  readonly tables: pulumi.Input<string[]>;
  readonly terms: AccessTerms;
}

/** The bundle for whoever signs in to an account. */
export function cosmosBundle(args: Pick<CosmosTarget, "accountName" | "endpoint" | "tenantId">): string {
  const { accountName: account, endpoint, tenantId } = args;
  return signInBundle({ account, endpoint, tenantId }, "cosmos");
}

/**
 * Temporary access to a Cosmos DB account. By Entra ID: the role to read and write tables, for whoever deploys and for
 * the runners. By key, where the account takes keys: the key, regenerated at the end. Deleted in the order: roles,
 * firewall openings, the key behind it all.
 */
export class CosmosAccess extends pulumi.ComponentResource {
  /** The credential: a bundle that says to sign in, or a connection string. Secret. */
  readonly bundle: pulumi.Output<string>;
  /** In words: it ends when this is deleted. */
  readonly expiresOn: pulumi.Output<string>;
  readonly tables: pulumi.Output<string[]>;
  /** Which key dies with the access; empty where none does. Known in previews. */
  readonly rotates: pulumi.Output<string>;
  readonly grant: pulumi.Output<string>;

  constructor(name: string, args: CosmosAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:CosmosAccess", name, {}, opts);
    const keyName = args.keyName ?? "key2";
    const { account } = args;
    // First of all, hence deleted last of all.
    const rotation = args.localAuth
      ? new KeyRotation(`${name}-rotate-${keyName}`, { account, keyName }, { parent: this })
      : undefined;
    const opening = openNetworkFor(name, args, { parent: this, dependsOn: rotation === undefined ? [] : [rotation] });
    const bundle = rotation === undefined ? this.signIn(name, args, opening) : this.key(args, rotation, opening);
    this.bundle = pulumi.secret(bundle);
    this.expiresOn = pulumi.output(UNTIL_CLOSED);
    this.tables = pulumi.output(args.tables);
    this.rotates = pulumi.output(rotation === undefined ? "" : `${keyName} of ${args.accountName}`);
    const by = rotation === undefined ? "Entra ID" : keyName;
    this.grant = this.tables.apply((tables) => {
      return `${RIGHTS.destination} on ${countTables(tables)} by ${by}, ${UNTIL_CLOSED}`;
    });
    const { expiresOn, tables, rotates, grant } = this;
    this.registerOutputs({ bundle: this.bundle, expiresOn, tables, rotates, grant });
  }

  /** Nothing secret is in it; what opens the account is the role. It is unknown until the roles are there. */
  private signIn(name: string, args: CosmosAccessArgs, opening: readonly NetworkOpening[]): pulumi.Output<string> {
    const deployer = authorization.getClientConfigOutput({ parent: this });
    const principals = { deployer: deployer.objectId, ...args.runners };
    const roles = Object.entries(principals).map(([who, principalId]) => {
      const role = { ...args, principalId, role: "contributor" as const };
      return grantCosmosRole(`${name}-role-${who}`, role, { parent: this, dependsOn: [...opening] });
    });
    return pulumi.all(roles.map(({ id }) => id)).apply(() => cosmosBundle(args));
  }

  /** The fingerprint makes it another one once the key is. */
  private key(
    args: CosmosAccessArgs,
    rotation: KeyRotation,
    opening: readonly NetworkOpening[],
  ): pulumi.Output<string> {
    const { accountName, endpoint, resourceGroupName } = args;
    const primary = (args.keyName ?? "key2") === "key1";
    const group = pulumi.all([resourceGroupName, rotation.fingerprint, ...opening.map(({ id }) => id)]);
    const keys = group.apply(([resourceGroup]) => cosmosdb.listDatabaseAccountKeysOutput(
      { accountName, resourceGroupName: resourceGroup ?? "" },
      { parent: this },
    ));
    return keys.apply(({ primaryMasterKey, secondaryMasterKey }) => [
      "DefaultEndpointsProtocol=https",
      `AccountName=${accountName}`,
      `AccountKey=${primary ? primaryMasterKey : secondaryMasterKey}`,
      `TableEndpoint=${endpoint}`,
      // An emulated account's address does not say what it speaks.
      ...(namesCosmos(endpoint) ? [] : ["Dialect=cosmos"]),
    ].join(";"));
  }
}
