import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageManagementClient } from "@azure/arm-storage";
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateTableSas,
  TableClient,
  TableServiceClient,
} from "@azure/data-tables";
import { Agent, request, type Dispatcher } from "undici";
import { CONTOSO, FABRIKAM, startEmulators, type Emulators } from "../../../local/emulators";

interface Whereabouts {
  readonly management: string;
  readonly certificate: string;
  readonly accounts: Readonly<Record<string, { readonly tableEndpoint: string }>>;
}

const INSECURE = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

describe("the stand-in of the management API", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-emulators-"));
  const file = join(folder, "whereabouts", "emulators.json");
  let emulators: Emulators;
  let where: Whereabouts;
  let agent: Agent;

  const client = (subscription: string): StorageManagementClient => {
    const getToken = (): Promise<{ token: string; expiresOnTimestamp: number }> =>
      Promise.resolve({ token: "any", expiresOnTimestamp: Date.now() + 3_600_000 });
    return new StorageManagementClient({ getToken }, subscription, {
      endpoint: where.management,
      tlsOptions: { ca: where.certificate },
      retryOptions: { maxRetries: 0 },
    });
  };
  const contoso = (): StorageManagementClient => client(CONTOSO.subscriptionId);
  const ids = [CONTOSO.resourceGroup, CONTOSO.account] as const;
  const arm = async (method: Dispatcher.HttpMethod, path: string, body?: unknown, version = "2024-01-01") => {
    const answer = await request(`${where.management}${path}?api-version=${version}`, {
      method,
      dispatcher: agent,
      headers: { authorization: "Bearer any", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text === "" ? undefined : (JSON.parse(text) as Record<string, never>) };
  };
  const begin = async (): Promise<void> => {
    emulators = await startEmulators({ folder, file });
    where = JSON.parse(readFileSync(file, "utf8")) as Whereabouts;
    agent = new Agent({ connect: { ca: where.certificate } });
  };

  beforeAll(begin);
  afterAll(async () => {
    await agent.close();
    await emulators.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says where it is in a file that only its owner may read", () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Object.keys(where.accounts)).toEqual(["contosotables", "fabrikamtables"]);
    expect(readFileSync(file, "utf8")).not.toContain(emulators.source.keys()?.[0]);
  });

  it("speaks to nobody without a bearer token, and to nobody who does not trust its certificate", async () => {
    const path = `${where.management}/subscriptions/${CONTOSO.subscriptionId}/resourceGroups?api-version=2024-03-01`;
    const answer = await request(path, { dispatcher: agent });
    expect(answer.statusCode).toBe(401);
    expect(await answer.body.json()).toMatchObject({ error: { code: "AuthenticationFailed" } });
    await expect(request(path)).rejects.toThrow(/certificate/);
  });

  it("shows Contoso's account, and Fabrikam's only once it is provisioned", async () => {
    expect((await contoso().storageAccounts.getProperties(...ids)).primaryEndpoints?.table).toBe(
      `${emulators.source.tableEndpoint}/`,
    );
    const fabrikam = client(FABRIKAM.subscriptionId);
    const get = fabrikam.storageAccounts.getProperties(FABRIKAM.resourceGroup, FABRIKAM.account);
    await expect(get).rejects.toMatchObject({ statusCode: 404, code: "ResourceNotFound" });
    const group = `/subscriptions/${FABRIKAM.subscriptionId}/resourceGroups/${FABRIKAM.resourceGroup}`;
    const account = {
      location: "northeurope",
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      minimumTlsVersion: "TLS1_2",
      networkRuleSet: { defaultAction: "Deny" },
    } as const;
    const early = fabrikam.storageAccounts.beginCreateAndWait(FABRIKAM.resourceGroup, FABRIKAM.account, account);
    await expect(early).rejects.toMatchObject({ code: "ResourceGroupNotFound" });
    expect((await arm("PUT", group, { location: "northeurope" })).status).toBe(201);
    const before = emulators.destination.keys();
    const made = await fabrikam.storageAccounts.beginCreateAndWait(FABRIKAM.resourceGroup, FABRIKAM.account, account);
    expect(made).toMatchObject({ minimumTlsVersion: "TLS1_2", networkRuleSet: { defaultAction: "Deny" } });
    expect(emulators.destination.keys()).not.toEqual(before);
  });

  it("does not let one organisation's subscription reach the other's account", async () => {
    const stranger = client(FABRIKAM.subscriptionId).storageAccounts.listKeys(...ids);
    await expect(stranger).rejects.toMatchObject({ statusCode: 404 });
    const nobody = client("cccccccc-0000-4000-8000-000000000002").storageAccounts.listKeys(...ids);
    await expect(nobody).rejects.toMatchObject({ code: "SubscriptionNotFound" });
  });

  it("regenerates one key for good: what it signed is refused, the other key and the data stay", async () => {
    const value = async (keyName: string): Promise<string> =>
      (await contoso().storageAccounts.listKeys(...ids)).keys?.find((key) => key.keyName === keyName)?.value ?? "";
    const connect = (key: string): TableServiceClient => {
      const credential = new AzureNamedKeyCredential(CONTOSO.account, key);
      return new TableServiceClient(emulators.source.tableEndpoint, credential, INSECURE);
    };
    const [oldKey1, oldKey2] = [await value("key1"), await value("key2")];
    await connect(oldKey2).createTable("Kept");
    const { keys = [] } = await contoso().storageAccounts.regenerateKey(...ids, { keyName: "key2" });
    expect(keys.map(({ keyName }) => keyName)).toEqual(["key1", "key2"]);
    expect(await value("key1")).toBe(oldKey1);
    expect(await value("key2")).not.toBe(oldKey2);
    await expect(connect(oldKey2).listTables().next()).rejects.toMatchObject({ statusCode: 403 });
    expect((await connect(await value("key2")).listTables().next()).value).toMatchObject({ name: "Kept" });
    const bad = contoso().storageAccounts.regenerateKey(...ids, { keyName: "kerb1" });
    await expect(bad).rejects.toMatchObject({ code: "InvalidValuesForRequestParameters" });
  });

  it("sets stored access policies that open a table, and shut it when they go", async () => {
    const { tableOperations } = contoso();
    await tableOperations.create(...ids, "Policies");
    const [startTime, expiryTime] = [new Date(Date.now() - 900_000), new Date(Date.now() + WEEK_MS)];
    const policy = { id: "landbridge-source", accessPolicy: { startTime, expiryTime, permission: "r" } };
    const parameters = { signedIdentifiers: [policy] };
    await tableOperations.update(...ids, "Policies", { parameters });
    const shown = (await tableOperations.get(...ids, "Policies")).signedIdentifiers?.[0];
    expect(shown).toMatchObject({ id: "landbridge-source", accessPolicy: { permission: "r" } });
    const [, key2 = ""] = emulators.source.keys() ?? [];
    const sas = generateTableSas("Policies", new AzureNamedKeyCredential(CONTOSO.account, key2), {
      identifier: "landbridge-source",
    });
    const table = new TableClient(emulators.source.tableEndpoint, "Policies", new AzureSASCredential(sas), INSECURE);
    const read = async (): Promise<boolean> => (await table.listEntities().next()).done === true;
    expect(await read()).toBe(true);
    await expect(table.createEntity({ partitionKey: "p", rowKey: "r" })).rejects.toMatchObject({ statusCode: 403 });
    await tableOperations.update(...ids, "Policies", { parameters: { signedIdentifiers: [] } });
    await expect(read()).rejects.toMatchObject({ statusCode: 403 });
  });

  it("refuses a sixth policy and keeps the five", async () => {
    const { tableOperations } = contoso();
    const policies = (count: number) => ({
      parameters: {
        signedIdentifiers: Array.from({ length: count }, (_, index) => ({
          id: `policy-${index}`,
          accessPolicy: { permission: "r", expiryTime: new Date(Date.now() + WEEK_MS) },
        })),
      },
    });
    await tableOperations.create(...ids, "Crowded", policies(5));
    const sixth = tableOperations.update(...ids, "Crowded", policies(6));
    await expect(sixth).rejects.toMatchObject({ statusCode: 400 });
    expect((await tableOperations.get(...ids, "Crowded")).signedIdentifiers).toHaveLength(5);
  });

  it("creates, lists and deletes tables, the last one twice", async () => {
    const { tableOperations } = contoso();
    await tableOperations.create(...ids, "Passing");
    await tableOperations.create(...ids, "Passing");
    const names: (string | undefined)[] = [];
    for await (const { tableName } of tableOperations.list(...ids)) names.push(tableName);
    expect(names).toContain("Passing");
    await tableOperations.delete(...ids, "Passing");
    await tableOperations.delete(...ids, "Passing");
    await expect(tableOperations.get(...ids, "Passing")).rejects.toMatchObject({ statusCode: 404 });
  });

  it("replaces the whole set of network rules: what is not sent back is lost", async () => {
    const { storageAccounts } = contoso();
    const rules = (...values: string[]) => ({
      networkRuleSet: {
        defaultAction: "Deny" as const,
        bypass: "None",
        ipRules: values.map((iPAddressOrRange) => ({ iPAddressOrRange, action: "Allow" as const })),
      },
    });
    await storageAccounts.update(...ids, rules("203.0.113.0/24", "198.51.100.7"));
    await storageAccounts.update(...ids, rules("198.51.100.8"));
    const { networkRuleSet } = await storageAccounts.getProperties(...ids);
    expect(networkRuleSet?.ipRules?.map(({ iPAddressOrRange }) => iPAddressOrRange)).toEqual(["198.51.100.8"]);
    await storageAccounts.update(...ids, { tags: { owner: "data" } });
    expect((await storageAccounts.getProperties(...ids)).networkRuleSet).toMatchObject({ defaultAction: "Deny" });
  });

  it.each(["203.0.113.4/31", "203.0.113.4/32", "10.1.0.0/16", "192.168.1.5", "300.1.1.1", "::1"])(
    "refuses the network rule %s as Azure does",
    async (iPAddressOrRange) => {
      const networkRuleSet = { defaultAction: "Deny" as const, ipRules: [{ iPAddressOrRange }] };
      const update = contoso().storageAccounts.update(...ids, { networkRuleSet });
      await expect(update).rejects.toMatchObject({ code: "InvalidValuesForRequestParameters" });
    },
  );

  it("loses IPv6 rules to an API version that does not know them", async () => {
    const account = `/subscriptions/${CONTOSO.subscriptionId}/resourceGroups/${CONTOSO.resourceGroup}`
      + `/providers/Microsoft.Storage/storageAccounts/${CONTOSO.account}`;
    const networkAcls = { defaultAction: "Deny", ipv6Rules: [{ value: "2001:db8::/32" }] };
    await arm("PATCH", account, { properties: { networkAcls } }, "2025-06-01");
    const old = await arm("GET", account, undefined, "2024-01-01");
    expect(old.body?.properties).not.toHaveProperty("networkAcls.ipv6Rules");
    await arm("PATCH", account, { properties: { networkAcls: { defaultAction: "Deny" } } }, "2024-01-01");
    const now = await arm("GET", account, undefined, "2025-06-01");
    expect(now.body).toHaveProperty("properties.networkAcls.ipv6Rules", []);
  });

  it("refuses what it does not know as Azure does, and echoes nothing", async () => {
    const group = `/subscriptions/${CONTOSO.subscriptionId}/resourceGroups/${CONTOSO.resourceGroup}`;
    const unknown = await arm("PUT", `${group}/providers/Microsoft.Sql/servers/one`, { location: "x" });
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: "InvalidResourceType" } } });
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/${CONTOSO.account}`;
    const property = await arm("PATCH", account, { properties: { publicNetworkAccess: "Enabled", surprise: 1 } });
    expect(property).toMatchObject({ status: 400, body: { error: { code: "InvalidRequestContent" } } });
    expect((await arm("POST", `${account}/failover`)).status).toBe(405);
    expect((await arm("GET", "/subscriptions")).status).toBe(404);
  });

  it("keeps vault secrets in, deletes them softly and keeps their names taken", async () => {
    const group = `/subscriptions/${CONTOSO.subscriptionId}/resourceGroups/${CONTOSO.resourceGroup}`;
    const vault = `${group}/providers/Microsoft.KeyVault/vaults/landbridge-x1`;
    const properties = {
      tenantId: CONTOSO.tenantId,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
    };
    expect((await arm("PUT", vault, { location: "westeurope", properties }, "2024-11-01")).status).toBe(201);
    const secret = { properties: { value: "sv=secret", attributes: { exp: 2_000_000_000 } } };
    const made = await arm("PUT", `${vault}/secrets/source`, secret, "2024-11-01");
    expect(JSON.stringify(made.body)).not.toContain("sv=secret");
    expect(made.body).toHaveProperty("properties.attributes.exp", 2_000_000_000);
    const plane = "/keyvault/landbridge-x1/secrets/source";
    expect((await arm("GET", plane, undefined, "2024-11-01")).body).toMatchObject({ value: "sv=secret" });
    expect((await arm("DELETE", plane)).status).toBe(200);
    expect((await arm("GET", plane)).status).toBe(404);
    expect((await arm("PUT", `${vault}/secrets/source`, secret, "2024-11-01")).status).toBe(409);
    expect((await arm("DELETE", vault)).status).toBe(200);
    const again = await arm("PUT", vault, { location: "westeurope", properties }, "2024-11-01");
    expect(again).toMatchObject({ status: 409, body: { error: { code: "ConflictError" } } });
  });

  it("attaches diagnostic settings and roles only to what exists", async () => {
    const group = `/subscriptions/${CONTOSO.subscriptionId}/resourceGroups/${CONTOSO.resourceGroup}`;
    const workspaceId = `${group}/providers/Microsoft.OperationalInsights/workspaces/audit`;
    const setting = `${group}/providers/Microsoft.Storage/storageAccounts/${CONTOSO.account}/tableServices/default`
      + "/providers/Microsoft.Insights/diagnosticSettings/audit";
    const wanted = { properties: { workspaceId, logs: [{ category: "StorageRead", enabled: true }] } };
    expect((await arm("PUT", setting, wanted, "2021-05-01-preview")).status).toBe(404);
    expect((await arm("PUT", workspaceId, { location: "westeurope" })).status).toBe(201);
    expect((await arm("PUT", setting, wanted, "2021-05-01-preview")).status).toBe(200);
    const wrong = { properties: { workspaceId, logs: [{ category: "StorageRaed", enabled: true }] } };
    expect((await arm("PUT", setting, wrong, "2021-05-01-preview")).status).toBe(400);
    const role = (name: string) => `${workspaceId}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const assignment = {
      properties: {
        principalId: "dddddddd-0000-4000-8000-000000000001",
        roleDefinitionId: "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6",
      },
    };
    expect((await arm("PUT", role("dddddddd-0000-4000-8000-00000000000a"), assignment)).status).toBe(201);
    expect(await arm("PUT", role("dddddddd-0000-4000-8000-00000000000b"), assignment)).toMatchObject({
      status: 409,
      body: { error: { code: "RoleAssignmentExists" } },
    });
  });

  it("remembers everything over a restart, endpoints included", async () => {
    const { tableEndpoint } = emulators.source;
    const keys = emulators.source.keys();
    await emulators.stop();
    await agent.close();
    await begin();
    expect(emulators.source.tableEndpoint).toBe(tableEndpoint);
    expect(emulators.source.keys()).toEqual(keys);
    const fabrikam = client(FABRIKAM.subscriptionId);
    const again = await fabrikam.storageAccounts.getProperties(FABRIKAM.resourceGroup, FABRIKAM.account);
    expect(again.provisioningState).toBe("Succeeded");
    expect((await contoso().tableOperations.get(...ids, "Crowded")).signedIdentifiers).toHaveLength(5);
  });

  it("records every call, and no secret", async () => {
    await contoso().storageAccounts.listKeys(...ids);
    const calls = emulators.calls();
    const path = expect.stringMatching(/\/listKeys$/) as string;
    expect(calls.at(-1)).toEqual({ method: "POST", path, status: 200 });
    const recorded = readFileSync(join(folder, "calls.jsonl"), "utf8");
    expect(recorded.trim().split("\n")).toHaveLength(calls.length);
    for (const key of emulators.source.keys() ?? []) expect(recorded).not.toContain(key);
  });
});
