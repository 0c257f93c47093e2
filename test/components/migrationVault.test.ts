import * as pulumi from "@pulumi/pulumi";
import {
  checkValue,
  MigrationVault,
  toUnixSeconds,
  type MigrationVaultArgs,
} from "../../components/azure/migrationVault";
import { deployerType } from "../../components/azure/deployer";
import { hidesInSecrets, isSecret, record, reveal, valueOf } from "./recorder";

const BASE: MigrationVaultArgs = {
  tenantId: "bbbbbbbb-0000-4000-8000-000000000001",
  subscriptionId: "bbbbbbbb-0000-4000-8000-000000000002",
  resourceGroupName: "fabrikam-data",
  location: "northeurope",
  credentials: {
    source: { bundle: "sig=TOPSECRET-1", expiresOn: "2026-01-31T00:00:00Z" },
    destination: { bundle: pulumi.secret("sig=TOPSECRET-2"), expiresOn: pulumi.output("2026-02-01T12:00:00.5Z") },
  },
};

const ROLES = `/subscriptions/${BASE.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;

async function declare(args: Partial<MigrationVaultArgs> = {}, name = "landbridge") {
  const made: MigrationVault[] = [];
  const recording = await record(() => made.push(new MigrationVault(name, { ...BASE, ...args })));
  return { recording, component: made[0] as MigrationVault };
}

describe("MigrationVault", () => {
  test("declares a vault, the deployer's role and a secret per credential, named after it and below it", async () => {
    const { recording } = await declare();
    const component = recording.one("landbridge:azure:MigrationVault");
    expect(recording.resources.filter(({ parent }) => parent !== component.urn)).toEqual([component]);
    const children = recording.resources.filter(({ custom }) => custom).map(({ type, name }) => `${type} ${name}`);
    expect(children.sort()).toEqual([
      "azure-native:authorization:RoleAssignment landbridge-deployer",
      "azure-native:keyvault:Secret landbridge-destination",
      "azure-native:keyvault:Secret landbridge-source",
      "azure-native:keyvault:Vault landbridge",
    ]);
  });

  test("is role-based, purge-protected and closed but for the given networks", async () => {
    const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
    const { recording } = await declare({ ipRanges: ["203.0.113.7"], subnetIds: [subnet] });
    expect(recording.one(":Vault").inputs["properties"]).toMatchObject({
      tenantId: BASE.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      enableSoftDelete: true,
      enablePurgeProtection: true,
      softDeleteRetentionInDays: 7,
      networkAcls: {
        defaultAction: "Deny",
        bypass: "AzureServices",
        ipRules: [{ value: "203.0.113.7" }],
        virtualNetworkRules: [{ id: subnet }],
      },
    });
  });

  test("leaves its name to azure-native, which makes it random: a deleted vault keeps its name", async () => {
    const { recording, component } = await declare();
    expect(recording.one(":Vault").inputs).not.toHaveProperty("vaultName");
    expect(await valueOf(component.vaultName)).toBe("landbridge1a2b3c4d");
    expect(recording.one(":Secret", "landbridge-source").inputs["vaultName"]).toBe("landbridge1a2b3c4d");
  });

  test("keeps each credential as a secret that expires with it", async () => {
    const { recording } = await declare();
    const inputs = recording.one(":Secret", "landbridge-destination").inputs;
    const properties = inputs["properties"] as { value: unknown; attributes: { expires: number } };
    expect(isSecret(properties.value) || isSecret(properties)).toBe(true);
    const { value, attributes } = reveal(properties) as typeof properties;
    expect(reveal(value)).toBe("sig=TOPSECRET-2");
    expect(attributes).toEqual({ enabled: true, expires: Date.UTC(2026, 1, 1, 12) / 1000 });
    expect(inputs["secretName"]).toBe("destination");
  });

  test("shows the credentials in no input and no output, also where they came in the clear", async () => {
    const { recording, component } = await declare();
    for (const { inputs } of recording.resources) expect(hidesInSecrets(inputs, "TOPSECRET")).toBe(true);
    for (const outputs of recording.registered.values()) expect(hidesInSecrets(outputs, "TOPSECRET")).toBe(true);
    for (const secret of recording.all(":Secret")) expect(secret.additionalSecretOutputs).toEqual(["properties"]);
    await expect(pulumi.isSecret(component.secretUris)).resolves.toBe(false);
    expect(Object.keys(await valueOf(component.secretUris))).toEqual(["source", "destination"]);
  });

  // Left alone, azure-native says User, and Azure refuses the role of a managed identity.
  test.each([
    [undefined, "ServicePrincipal"],
    ["Group", "Group"],
  ] as const)("lets the given identity read, and only read (kind %s)", async (readerPrincipalType, principalType) => {
    const reader = "dddddddd-0000-4000-8000-000000000001";
    const kind = readerPrincipalType === undefined ? {} : { readerPrincipalType };
    const { recording } = await declare({ readerPrincipalId: reader, ...kind });
    expect(recording.one(":RoleAssignment", "landbridge-reader").inputs).toEqual({
      scope: "/ids/landbridge",
      principalId: reader,
      principalType,
      roleDefinitionId: `${ROLES}/4633458b-17de-408a-b874-0445c86b69e6`,
    });
  });

  test("gives the deployer a role that outlives the secrets, which only the vault itself deletes", async () => {
    const { recording } = await declare();
    const officer = recording.one(":RoleAssignment", "landbridge-deployer");
    expect(officer.inputs).toEqual({
      scope: "/ids/landbridge",
      principalId: "dddddddd-0000-4000-8000-000000000009",
      principalType: "ServicePrincipal",
      roleDefinitionId: `${ROLES}/b86a8fe4-44ce-4948-aee5-eccb2c155cd7`,
    });
    for (const secret of recording.all(":Secret")) expect(secret.dependencies).toContain(officer.urn);
  });

  test("knows a deployer who signed in as a person by the application", () => {
    expect(deployerType("04b07795-8ddb-461a-bbee-02f9e1bf7b46")).toBe("User");
    expect(deployerType("dddddddd-0000-4000-8000-000000000008")).toBe("ServicePrincipal");
  });

  test("keeps nothing on delete: it is temporary", async () => {
    const { recording } = await declare();
    expect(recording.resources.filter(({ retainOnDelete, protect }) => retainOnDelete || protect)).toEqual([]);
  });

  test("refuses a name that leaves no room for the random characters", () => {
    expect(() => new MigrationVault("landbridge-vault-x", BASE)).toThrow(
      '"landbridge-vault-x" cannot begin a vault\'s name. Name the component with at most 16',
    );
  });

  test("refuses a credential that a vault cannot hold, and a time that is none, without the value", () => {
    const secret = `sig=TOPSECRET${"x".repeat(25_000)}`;
    expect(() => checkValue("source", secret)).toThrow(/^The credential source has 25013 bytes, and .* takes 25000/);
    expect(() => checkValue("source", secret)).not.toThrow(/TOPSECRET/);
    expect(checkValue("source", "x".repeat(25_000))).toHaveLength(25_000);
    expect(() => toUnixSeconds("source", "soon")).toThrow(/^The credential source expires on "soon", which is no time/);
  });
});
