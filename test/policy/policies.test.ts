import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { mintTableSas } from "../../migration/access/mint";
import { declared, names, violations, type Subject } from "./world";

const CLOSED = { ipRanges: ["203.0.113.7"] };
const SAFE = { environment: CLOSED, credentialOutputs: false };
const TOKEN = "sv=2019-02-02&tn=Cities&si=landbridge-x&spr=https&sig=abc";

function sas(props: Record<string, unknown>): Subject {
  const scope = { purpose: "source", ipRange: "203.0.113.7", policyId: "landbridge-x", tables: ["Cities"] };
  const all = { ...scope, lifetimeHours: 72, ...props };
  return { type: "pulumi-nodejs:dynamic/landbridge:TableSas", name: "sas", props: all };
}

function bundle(token: string, expiresOn = "2026-01-04T00:00:00Z"): Record<string, unknown> {
  const text = JSON.stringify({ version: 1, account: "contoso", expiresOn, tables: { Cities: token } });
  return { bundle: text, startsOn: "2026-01-01T00:00:00Z" };
}

function azure(type: string, props: Record<string, unknown>, more: Partial<Subject> = {}): Subject {
  return { type: `azure-native:${type}`, name: "it", props, ...more };
}

const STORAGE = {
  accountName: "fabrikamtables", minimumTlsVersion: "TLS1_2", networkRuleSet: { defaultAction: "Deny" },
};
const LOGS = ["StorageRead", "StorageWrite", "StorageDelete"].map((category) => ({ category, enabled: true }));
const ACCOUNT = azure("storage:StorageAccount", STORAGE, { name: "account" });

/** What each policy refuses: the policy, what is declared, what is said, and the configuration. */
const BAD: readonly (readonly [policy: string, what: string, subjects: readonly Subject[], said: RegExp])[] = [
  ["sas-lifetime", "tokens of 30 days", [sas({ lifetimeHours: 720 })], /^sas: .* 720 hours, and 168 are allowed/],
  ["sas-scope", "tokens bound to no address", [sas({ ipRange: undefined })], /from anywhere/],
  ["sas-scope", "tokens bound to all addresses", [sas({ ipRange: "0.0.0.0-255.255.255.255" })], /more than 65536 addr/],
  ["sas-scope", "tokens bound to half of them", [sas({ ipRange: "128.0.0.0/1" })], /used from 128\.0\.0\.0\/1/],
  ["sas-scope", "tokens bound to no address that can be read", [sas({ ipRange: "any" })], /used from any/],
  ["sas-scope", "tokens that cannot be revoked", [sas({ policyId: "mine" })], /cannot be revoked/],
  ["sas-tokens", "a token that lives on", [sas(bundle(TOKEN, "2026-03-01T00:00:00Z"))], /more than 168 hours/],
  ["sas-tokens", "a token without an end", [sas(bundle(TOKEN, "whenever"))], /end on whenever, more than 168 hours/],
  ["sas-tokens", "a token with rights of its own", [sas(bundle(`${TOKEN}&sp=r`))], /rights of its own \(r\)/],
  ["sas-tokens", "an account SAS", [sas(bundle("ss=t&srt=co&si=x&spr=https&sig=a"))], /for a whole account/],
  ["sas-tokens", "a token without a policy", [sas(bundle(TOKEN.replace("si=", "so=")))], /no stored access policy/],
  ["sas-tokens", "a token over plain HTTP", [sas(bundle(TOKEN.replace("https", "https,http")))], /plain HTTP/],
  ["sas-tokens", "a move by an account's key", [
    { type: "pulumi-nodejs:dynamic/landbridge:TableCopy", name: "copy", props: { source: "AccountKey=a" } },
  ], /^copy: The source is opened with an account key/],
  ["tls", "storage with TLS 1.0", [azure("storage:StorageAccount", { minimumTlsVersion: "TLS1_0" })], /TLS1_0/],
  ["tls", "a storage account that says nothing", [azure("storage/v20240101:StorageAccount", {})], /not set/],
  ["tls", "plain HTTP", [azure("storage:StorageAccount", { ...STORAGE, enableHttpsTrafficOnly: false })], /Plain HTTP/],
  ["tls", "Cosmos DB with TLS 1.1", [azure("cosmosdb:DatabaseAccount", { minimalTlsVersion: "Tls11" })], /Tls11/],
  ["networks-deny-by-default", "open storage", [azure("storage:StorageAccount", {})], /lets everybody in/],
  ["networks-deny-by-default", "a range that is everybody", [azure("storage:StorageAccount", {
    networkRuleSet: { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: "0.0.0.0/0" }] },
  })], /0\.0\.0\.0\/0/],
  ["networks-deny-by-default", "half of everybody", [azure("storage:StorageAccount", {
    networkRuleSet: { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: "128.0.0.0/1" }] },
  })], /lets 128\.0\.0\.0\/1 in, which is more than 65536 addresses/],
  ["networks-deny-by-default", "a vault open to half of everybody", [azure("keyvault:Vault", {
    properties: { networkAcls: { defaultAction: "Deny", ipRules: [{ value: "0.0.0.0/1" }] } },
  })], /lets 0\.0\.0\.0\/1 in/],
  ["networks-deny-by-default", "a firewall opened too far for the move", [
    { type: "pulumi-nodejs:dynamic/landbridge:NetworkOpening", props: { ipRanges: ["203.0.113.7", "64.0.0.0/2"] } },
  ], /lets 64\.0\.0\.0\/2 in/],
  ["networks-deny-by-default", "an open Cosmos DB", [azure("cosmosdb:DatabaseAccount", {})], /everybody gets in/],
  ["networks-deny-by-default", "all of Azure", [azure("cosmosdb:DatabaseAccount", {
    isVirtualNetworkFilterEnabled: true, ipRules: [{ ipAddressOrRange: "0.0.0.0" }],
  })], /all of Azure/],
  ["networks-deny-by-default", "an open vault", [azure("keyvault:Vault", { properties: {} })], /lets everybody in/],
  ["no-credentials-in-properties", "a key in a job's environment", [
    azure("app:Job", { template: { containers: [{ env: [{ name: "K", value: "AccountKey=abc" }] }] } }),
  ], /^it: template\.containers\.0\.env\.0\.value holds/],
  ["no-credentials-in-properties", "a SAS inside an encoded address", [
    azure("app:Job", { callback: "https://x.example/?to=https%3A%2F%2Fa%2F%3Ftn%3DCities%26sig%3Dabc" }),
  ], /^it: callback holds/],
  ["no-credentials-in-properties", "a key on a command line", [
    { type: "command:remote:Command", name: "run", props: { stdin: "AccountKey=abc", create: "run AccountKey=abc" } },
  ], /^run: create holds/],
  ["no-credentials-in-outputs", "a private key among the outputs", [
    { type: "pulumi:pulumi:Stack", name: "stack", props: { pem: "-----BEGIN EC PRIVATE KEY-----\nabc" } },
  ], /^stack: The output pem holds/],
  ["no-credentials-in-outputs", "a SAS among the outputs", [
    { type: "pulumi:pulumi:Stack", name: "stack", props: { mine: { deep: `https://a/?${TOKEN}` }, verdict: "equal" } },
  ], /^stack: The output mine holds/],
  ["destination-retained", "an account that nobody keeps", [ACCOUNT], /^account: A destroy would delete account/],
  ["destination-retained", "an account of a destination to be destroyed", [azure("storage:StorageAccount", STORAGE, {
    parent: { type: "landbridge:azure:StorageDestination", name: "d", props: { destroyDestination: true } },
  })], /A destroy would delete/],
  ["destination-retained", "the group around an account that is kept", [{ ...ACCOUNT, protect: true, props: {
    ...STORAGE, resourceGroupName: "data",
  } }, azure("resources:ResourceGroup", { resourceGroupName: "data" }, { name: "group" })], /would delete group/],
  ["diagnostic-settings-on", "logs of reads alone", [ACCOUNT, azure("monitor:DiagnosticSetting", {
    workspaceId: "w", logs: [{ category: "StorageRead", enabled: true }],
  }, { waitsFor: { resourceUri: [ACCOUNT] } })], /^account: No .* StorageRead, StorageWrite, StorageDelete/],
  ["diagnostic-settings-on", "logs of its blobs", [ACCOUNT, azure("monitor:DiagnosticSetting", {
    workspaceId: "w", logs: LOGS, resourceUri: "/x/storageAccounts/fabrikamtables/blobServices/default",
  })], /^account: No diagnostic setting/],
  ["diagnostic-settings-on", "an account without logs", [ACCOUNT], /^account: No diagnostic setting/],
  ["diagnostic-settings-on", "logs that are off", [ACCOUNT, azure("monitor:DiagnosticSetting", {
    workspaceId: "w", logs: [{ category: "StorageRead", enabled: false }],
  }, { waitsFor: { resourceUri: [ACCOUNT] } })], /^account: No diagnostic setting/],
  ["diagnostic-settings-on", "logs of another account", [ACCOUNT, azure("monitor:DiagnosticSetting", {
    workspaceId: "w", resourceUri: "/x/storageAccounts/other/tableServices/default", logs: LOGS,
  })], /^account: No diagnostic setting/],
];

describe("the policy pack", () => {
  it.each(BAD)("%s refuses %s", async (policy, _, subjects, said) => {
    const found = await violations(policy, subjects);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(said);
    expect(found.join("\n")).not.toMatch(/sig=|AccountKey=a|=abc/);
  });

  it("has a bad example for each of its policies", () => {
    expect([...new Set(BAD.map(([policy]) => policy))].sort()).toEqual([...names()].sort());
  });

  it("loosens what the team's own file loosens, and nothing else", async () => {
    expect(await violations("sas-lifetime", [sas({ lifetimeHours: 720 })], { lifetimeHoursMax: 720 })).toEqual([]);
    expect(await violations("sas-scope", [sas({ ipRange: undefined })], { anyAddress: true })).toEqual([]);
    const wide = { type: "pulumi-nodejs:dynamic/landbridge:NetworkOpening", props: { ipRanges: ["198.0.0.0/8"] } };
    expect(await violations("networks-deny-by-default", [wide], { addressesMax: 2 ** 24 })).toEqual([]);
    expect(await violations("networks-deny-by-default", [wide], { addressesMax: 2 ** 23 })).toHaveLength(1);
    expect(await violations("sas-scope", [sas({ tables: "all" })], { allTables: false })).toHaveLength(1);
    const stack = { type: "pulumi:pulumi:Stack", name: "s", props: { mine: `?${TOKEN}`, other: `?${TOKEN}` } };
    expect(await violations("no-credentials-in-outputs", [stack], { except: ["mine"] })).toHaveLength(1);
  });

  it("takes an account that is protected, and logs that wait for an account whose id is not known yet", async () => {
    expect(await violations("destination-retained", [{ ...ACCOUNT, protect: true }])).toEqual([]);
    const props = { workspaceId: "w", logs: LOGS };
    const setting = azure("monitor:DiagnosticSetting", props, { waitsFor: { resourceUri: [ACCOUNT] } });
    expect(await violations("diagnostic-settings-on", [ACCOUNT, setting])).toEqual([]);
    const group = { ...setting, props: { workspaceId: "w", logs: [{ categoryGroup: "audit", enabled: true }] } };
    expect(await violations("diagnostic-settings-on", [ACCOUNT, group])).toEqual([]);
  });

  it("looks for credentials among the outputs that are known, while others are not", async () => {
    class UnknownValueError extends Error {}
    const props = Object.defineProperty({ mine: `?${TOKEN}` }, "later", {
      enumerable: true,
      get: () => {
        throw new UnknownValueError("not known during preview");
      },
    });
    const found = await violations("no-credentials-in-outputs", [{ type: "pulumi:pulumi:Stack", name: "s", props }]);
    expect(found).toEqual([expect.stringMatching(/^s: The output mine/)]);
  });
});

describe("the tokens that a move makes", () => {
  it("break no policy, in Azure and on the emulators", async () => {
    for (const endpoint of ["https://contoso.table.core.windows.net", "http://127.0.0.1:10002/contoso"]) {
      const request = { account: "contoso", endpoint, key: "a2V5", policyId: "landbridge-x" };
      const tables = { Cities: mintTableSas("Cities", request) };
      const text = JSON.stringify({ version: 1, account: "contoso", endpoint, expiresOn: "2026-01-04", tables });
      expect(await violations("sas-tokens", [sas({ bundle: text, startsOn: "2026-01-01T00:00:00Z" })])).toEqual([]);
    }
  });
});

describe("the program, under its own policies", () => {
  const phases = { phase: "sync", schedule: { kind: "containerJob", image: "r.example/landbridge:1.0.0" } };
  const outputs = { "managedidentity:UserAssignedIdentity": { principalId: "p", clientId: "c" } };
  const kinds: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
    ["to a storage account", SAFE, {}],
    ["to Cosmos DB, with a schedule in Azure", { ...SAFE, ...phases }, { kind: "cosmos", account: "fabrikam-tables" }],
  ];

  it.each(kinds)("a move %s breaks none of them", async (_, changes, destination) => {
    const subjects = await declared(changes, destination, { outputs });
    expect(subjects.filter(({ type }) => /Account$|:Vault$/.test(type)).length).toBeGreaterThan(1);
    for (const name of names()) expect([name, await violations(name, subjects)]).toEqual([name, []]);
  });

  it("a move on a machine of its own breaks none of them, where tokens may be bound to no address", async () => {
    const folder = mkdtempSync(join(tmpdir(), "landbridge-policies-"));
    const nodeFile = join(folder, "node.tar.gz");
    writeFileSync(nodeFile, "node");
    const host = {
      kind: "vm",
      adminPublicKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${"A".repeat(48)}`,
      nodeFile,
      nodeSha256: createHash("sha256").update("node").digest("hex"),
    };
    const machine = {
      ...outputs,
      "storage:StorageAccount": { name: "landbridgehost1a2b3c4d" },
      "compute:VirtualMachine": { name: "host-vm-machine1a2b3c4d" },
      "landbridge:HostReport": {
        verdict: "equal", summary: "", tableSummaries: [], reportPath: "r.json", verifiedAt: "2026-01-01T00:00:00Z",
      },
    };
    const environment = { ...CLOSED, sasIpRange: "any" };
    // Beside an account that is there already, the machine's exchange has no workspace to send logs to.
    for (const destination of [{}, { existing: "account" }]) {
      const changes = { ...SAFE, environment, runOn: "host", host };
      const subjects = await declared(changes, destination, { outputs: machine });
      const scripts = subjects.map(({ props }) => JSON.stringify(props)).filter((text) => text.includes("Bearer %s"));
      expect(scripts).toHaveLength(1);
      for (const name of names()) {
        const config = name === "sas-scope" ? { anyAddress: true } : {};
        expect([name, await violations(name, subjects, config)]).toEqual([name, []]);
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it("is caught where its configuration asks for more: bundles as outputs, a destination to be destroyed", async () => {
    const subjects = await declared({ ...SAFE, credentialOutputs: true, destroyDestination: true });
    const said = await violations("no-credentials-in-outputs", subjects);
    expect(said.map((text) => /output (\w+)/.exec(text)?.[1]).sort()).toEqual(["destinationBundle", "sourceBundle"]);
    // The account, and the group that it is in.
    expect(await violations("destination-retained", subjects)).toHaveLength(2);
  });

  it("says of its destination what it tells Pulumi to retain", async () => {
    for (const destroyDestination of [true, false]) {
      const subjects = await declared({ ...SAFE, destroyDestination });
      const component = subjects.find(({ type }) => type === "landbridge:azure:StorageDestination");
      expect(component?.props["destroyDestination"]).toBe(destroyDestination);
      const account = subjects.find(({ type }) => type === "azure-native:storage:StorageAccount");
      expect(account?.retainOnDelete).toBe(!destroyDestination);
    }
  });
});
