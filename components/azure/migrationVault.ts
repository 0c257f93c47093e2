import * as authorization from "@pulumi/azure-native/authorization";
import * as keyvault from "@pulumi/azure-native/keyvault";
import * as pulumi from "@pulumi/pulumi";
import { UNTIL_CLOSED } from "./accessTerms";
import { deployerType, type PrincipalType } from "./deployer";

/** A credential to keep for as long as it is good for anything. */
export interface VaultCredential {
  /** Secret. */
  readonly bundle: pulumi.Input<string>;
  /** ISO 8601; or that it lasts until access is closed, and then the secret does too. */
  readonly expiresOn: pulumi.Input<string>;
}

export interface MigrationVaultArgs {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region, such as `westeurope`. */
  readonly location: string;
  /** Public IPv4 addresses and CIDR ranges of those who read and deploy; everything else is refused. */
  readonly ipRanges?: readonly string[];
  /** Subnets (with a service endpoint for Key Vault) of those who read and deploy. */
  readonly subnetIds?: readonly pulumi.Input<string>[];
  /** Object id of the identity that reads the credentials; by default nobody but the deployer does. */
  readonly readerPrincipalId?: pulumi.Input<string>;
  /** What kind of identity that is; Azure refuses a wrong answer. Default ServicePrincipal: managed identities too. */
  readonly readerPrincipalType?: PrincipalType;
  /** Further identities that read the credentials, by name: managed identities of jobs. */
  readonly readers?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /** What to keep: secret name -> credential. Names: letters, digits and hyphens. */
  readonly credentials: Readonly<Record<string, VaultCredential>>;
}

/** Built-in roles, the same in every tenant. */
const SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";

/** azure-native appends eight characters to a vault's name, of which a vault may have 24 (Key Vault naming rules). */
const PREFIX_CHARACTERS_MAX = 16;

/** Key Vault's limit for the value of a secret, in bytes. */
const SECRET_BYTES_MAX = 25_000;

/** Days a deleted vault can be recovered, and its name stays taken: the least that Key Vault allows. */
const RECOVERY_DAYS = 7;

function checkName(name: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/.test(name) && name.length <= PREFIX_CHARACTERS_MAX) return name;
  const limit = `at most ${PREFIX_CHARACTERS_MAX} letters, digits and hyphens, a letter first`;
  throw new pulumi.RunError(`${JSON.stringify(name)} cannot begin a vault's name. Name the component with ${limit}.`);
}

/** The value as it is; throws where no vault could hold it. */
export function checkValue(name: string, value: string): string {
  const bytes = Buffer.byteLength(value);
  if (bytes <= SECRET_BYTES_MAX) return value;
  const limit = `has ${bytes} bytes, and a vault takes ${SECRET_BYTES_MAX}`;
  throw new pulumi.RunError(`The credential ${name} ${limit}: move fewer tables per stack, or set vault: false.`);
}

/** Key Vault counts expiry in seconds since 1970. Undefined: it ends with the vault. */
export function toUnixSeconds(name: string, text: string): number | undefined {
  if (text === UNTIL_CLOSED) return undefined;
  const milliseconds = Date.parse(text);
  if (Number.isFinite(milliseconds)) return Math.floor(milliseconds / 1000);
  throw new pulumi.RunError(`The credential ${name} expires on ${JSON.stringify(text)}, which is no time (ISO 8601).`);
}

/**
 * A Key Vault for credential bundles: role-based, purge-protected, closed but for the given networks. Each secret
 * expires with its credential. Deleting the vault leaves it soft-deleted for a week, its name taken: names are random.
 */
export class MigrationVault extends pulumi.ComponentResource {
  readonly vaultName: pulumi.Output<string>;
  readonly vaultUri: pulumi.Output<string | undefined>;
  /** Secret name -> URI of its newest version, without the value. */
  readonly secretUris: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: MigrationVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:MigrationVault", name, {}, opts);
    const vault = this.vault(checkName(name), args);
    const deployer = authorization.getClientConfigOutput({ parent: this });
    const officer = this.grant(`${name}-deployer`, vault, args, {
      role: SECRETS_OFFICER,
      principalId: deployer.objectId,
      principalType: deployer.clientId.apply(deployerType),
    });
    if (args.readerPrincipalId !== undefined) {
      const principalType = args.readerPrincipalType ?? "ServicePrincipal";
      this.grant(`${name}-reader`, vault, args, {
        role: SECRETS_USER,
        principalId: args.readerPrincipalId,
        principalType,
      });
    }
    for (const [who, principalId] of Object.entries(args.readers ?? {})) {
      const grant = { role: SECRETS_USER, principalId, principalType: "ServicePrincipal" as const };
      this.grant(`${name}-reader-${who}`, vault, args, grant);
    }
    const uris = Object.entries(args.credentials).map(([key, credential]) => {
      const secret = this.secret(`${name}-${key}`, key, vault, args, credential, officer);
      return secret.properties.apply(({ secretUri }) => [key, secretUri] as const);
    });
    this.vaultName = vault.name;
    this.vaultUri = vault.properties.apply(({ vaultUri }) => vaultUri);
    // The secrets' properties are secret as a whole; their addresses are not.
    this.secretUris = pulumi.unsecret(pulumi.all(uris)).apply((pairs) => Object.fromEntries(pairs));
    this.registerOutputs({ vaultName: this.vaultName, vaultUri: this.vaultUri, secretUris: this.secretUris });
  }

  private vault(name: string, args: MigrationVaultArgs): keyvault.Vault {
    // Without vaultName azure-native takes the resource's name and appends random characters.
    return new keyvault.Vault(
      name,
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        properties: {
          tenantId: args.tenantId,
          sku: { family: keyvault.SkuFamily.A, name: keyvault.SkuName.Standard },
          enableRbacAuthorization: true,
          enableSoftDelete: true,
          enablePurgeProtection: true,
          softDeleteRetentionInDays: RECOVERY_DAYS,
          publicNetworkAccess: "enabled",
          networkAcls: {
            defaultAction: keyvault.NetworkRuleAction.Deny,
            bypass: keyvault.NetworkRuleBypassOptions.AzureServices,
            ipRules: (args.ipRanges ?? []).map((value) => ({ value })),
            virtualNetworkRules: (args.subnetIds ?? []).map((id) => ({ id })),
          },
        },
      },
      { parent: this },
    );
  }

  private grant(
    name: string,
    vault: keyvault.Vault,
    args: MigrationVaultArgs,
    grant: { role: string; principalId: pulumi.Input<string>; principalType: pulumi.Input<PrincipalType> },
  ): authorization.RoleAssignment {
    const { role, ...principal } = grant;
    const roles = `/subscriptions/${args.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
    return new authorization.RoleAssignment(
      name,
      { scope: vault.id, ...principal, roleDefinitionId: `${roles}/${role}` },
      { parent: this },
    );
  }

  private secret(
    name: string,
    secretName: string,
    vault: keyvault.Vault,
    args: MigrationVaultArgs,
    credential: VaultCredential,
    officer: authorization.RoleAssignment,
  ): keyvault.Secret {
    return new keyvault.Secret(
      name,
      {
        secretName,
        vaultName: vault.name,
        resourceGroupName: args.resourceGroupName,
        properties: {
          contentType: "application/json",
          value: pulumi.secret(credential.bundle).apply((value) => checkValue(secretName, value)),
          attributes: {
            enabled: true,
            expires: pulumi.output(credential.expiresOn).apply((time) => toUnixSeconds(secretName, time)),
          },
        },
      },
      // Deleting a secret goes through the vault itself: the deployer's role must outlive it.
      { parent: this, dependsOn: [officer], additionalSecretOutputs: ["properties"] },
    );
  }
}
