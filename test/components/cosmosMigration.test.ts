import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { cronOf, hostSchedule } from "../../components/hostSchedule";
import { refuseForSync, syncArguments } from "../../components/syncCommand";
import { priceFile } from "../cli/priceFile";
import { hidesInSecrets, record, reveal, runIndex, type Answers, type Recording } from "./recorder";
import { GUID, part, type Written } from "./written";

const PHASES = { phase: "sync", lateConflicts: "report", quietMinutes: 60, reconcileEveryHours: 24 } as const;
const OUTPUTS = {
  "cosmosdb:DatabaseAccount": {},
  "managedidentity:UserAssignedIdentity": { principalId: "dddddddd-0000-4000-8000-000000000001", clientId: "client-1" },
};
const KEYS = { primaryMasterKey: "PRIMARY", secondaryMasterKey: "SECONDARYKEY" };

type Run = Recording & { readonly outputs: Readonly<Record<string, pulumi.Output<unknown> | string | undefined>> };

/** Runs index.ts as a stack with a destination on Cosmos DB would. */
async function run(
  destination: Written = {},
  changes: Written = {},
  answers: Answers = {},
  added: Answers["outputs"] = {},
): Promise<Run> {
  const cosmos = { kind: "cosmos", account: "fabrikam-tables", ...destination };
  const { destination: side, ...rest } = part("destination", cosmos);
  const migration = { ...rest, destination: side, ...changes };
  const config = { "landbridge:migration": JSON.stringify(migration) };
  let outputs: Run["outputs"] = {};
  const load = async () => void (outputs = await runIndex<Run["outputs"]>());
  const calls = { "azure-native:cosmosdb:listDatabaseAccountKeys": KEYS, ...answers.calls };
  const recording = await record(load, { ...answers, config, outputs: { ...OUTPUTS, ...added }, calls });
  return { ...recording, outputs };
}

const job = { kind: "containerJob", image: "r.example/landbridge:1.0.0" };

describe("a move to Cosmos DB", () => {
  test("signs in by Entra ID: a role for the deployer and the reader, no key, no SAS there", async () => {
    const recording = await run({}, { environment: { ipRanges: ["203.0.113.7"], readerPrincipalId: GUID } });
    const roles = recording.all(":TableResourceTableRoleAssignment").map(({ name }) => name);
    expect(roles.sort()).toEqual([
      "migration-access-destination-role-deployer", "migration-access-destination-role-reader",
    ]);
    const provider = recording.one("pulumi:providers:azure-native", "destination-azure").urn;
    for (const { type, provider: own } of recording.resources) {
      if (type.startsWith("azure-native:")) expect(own).toContain(provider);
    }
    const asked = recording.calls.map((call) => `${call.token.split(":").at(-1)} ${call.provider?.split("::").at(-2)}`);
    expect(new Set(asked)).toEqual(new Set(["getClientConfig destination-azure", "getStorageAccount source-azure"]));
    expect(recording.all(":KeyRotation").map(({ name }) => name)).toEqual(["migration-access-source-rotate-key2"]);
    expect(recording.all(":TableSas").map(({ name }) => name)).toEqual(["migration-access-source-sas"]);
    const { destination } = recording.one(":TableCopy").inputs;
    expect(JSON.parse(reveal(destination) as string)).toEqual({
      version: 1,
      account: "fabrikam-tables",
      endpoint: "https://fabrikam-tables.table.cosmos.azure.com",
      signIn: { tenantId: GUID },
    });
  });

  test("keeps nothing temporary: roles, openings and the vault go when access does, the account stays", async () => {
    const recording = await run({}, { environment: { ipRanges: ["203.0.113.7"] }, phase: "sync", schedule: job });
    const temporary = /RoleAssignment|NetworkOpening|TableCopy|keyvault|app:Job|Identity|ManagedEnvironment/;
    const found = recording.resources.filter(({ type, custom }) => custom && temporary.test(type));
    expect(found.length).toBeGreaterThan(8);
    expect(found.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
    expect(recording.one(":DatabaseAccount").retainOnDelete).toBe(true);
  });

  test("with local auth, takes the key from the account as a secret, and has it regenerated at the end", async () => {
    const recording = await run({ localAuth: true });
    expect(recording.one(":KeyRotation", "migration-access-destination-rotate-key2").inputs).toMatchObject({
      account: { service: "cosmos", account: "fabrikam-tables" }, keyName: "key2",
    });
    const { destination } = recording.one(":TableCopy").inputs;
    expect(reveal(destination)).toContain("AccountName=fabrikam-tables;AccountKey=SECONDARYKEY;TableEndpoint=https://");
    for (const { inputs } of recording.resources) expect(hidesInSecrets(inputs, "SECONDARYKEY")).toBe(true);
  });

  test("hands phase and policies to the copy, and leaves it to the copy to prove what runs on", async () => {
    const syncing = await run({}, { phase: "sync", lateConflicts: "source-wins", quietMinutes: 5 });
    expect(syncing.one(":TableCopy").inputs).toMatchObject({
      phase: "sync", lateConflicts: "source-wins", quietMinutes: 5, reconcileEveryHours: 24,
    });
    const switched = await run({}, { phase: "switched" });
    for (const one of [syncing, switched]) expect(() => one.one(":TableVerification")).toThrow();
    expect(switched.one(":TableCopy").inputs["frozen"]).toBe(false);
    const { options } = switched.one(":TableResourceTable").inputs;
    expect(options).toEqual({ autoscaleSettings: { maxThroughput: 1_000 } });
  });

  test("shows renames and throughput among the outputs, in previews too", async () => {
    const { outputs } = await run({}, { renames: { id: "sourceId" } }, { preview: true });
    expect(outputs["renames"]).toBe("Cities: id -> sourceId");
    const throughput = outputs["throughput"];
    expect(throughput).toMatch(/Cities: autoscale to 10000 RU\/s while copying, 1000 after/);
    expect(throughput).toMatch(/What throughput and storage cost is not known: no price file is given/);
  });

  test("prices throughput by the stack's one price file, where nothing else is reckoned either", async () => {
    const folder = mkdtempSync(join(tmpdir(), "landbridge-prices-"));
    const prices = join(folder, "prices.json");
    writeFileSync(prices, priceFile((one) => ({ ...one, amount: 0.01, date: "2019-05-01" })));
    const { outputs } = await run({}, { phase: "sync", prices }, { preview: true });
    const throughput = outputs["throughput"];
    rmSync(folder, { recursive: true });
    expect(throughput).toMatch(/Throughput costs 0\.10 EUR to 1\.00 EUR an hour while copying/);
    expect(throughput).toMatch(/older than 12 months/);
  });

  test("says nothing of the throughput of an account that was there already: nobody set it here", async () => {
    const calls = { "azure-native:cosmosdb:getDatabaseAccount": { capabilities: [{ name: "EnableTable" }] } };
    const { outputs } = await run({ existing: "account" }, {}, { preview: true, calls });
    expect(Object.keys(outputs)).not.toContain("throughput");
  });
});

describe("a fence around the source", () => {
  const fenced = { fence: "both", environment: { ipRanges: ["203.0.113.7"] } };
  const isFence = ({ type }: Recording["resources"][number]) => /SourceFence|FormerNetwork/.test(type);

  test("stands from phase drained on, before what looks at keys or firewall, and the copy reads after it", async () => {
    expect((await run({}, { ...fenced, phase: "switched" })).resources.filter(isFence)).toEqual([]);
    const outputs = { "landbridge:SourceFence": { shutOn: "2026-01-02T00:00:00Z", summary: "Shut" } };
    const drained = await run({}, { ...fenced, phase: "drained" }, {}, outputs);
    const [fence, former] = [drained.one(":SourceFence"), drained.one(":FormerNetwork")];
    expect(fence.inputs).toMatchObject({
      account: { account: "contosotables" }, mode: "both", keyName: "key2", tables: ["Cities"],
      ipRanges: ["203.0.113.7"], sharedAccount: false, frozen: false,
    });
    expect(fence.dependencies).toEqual([former.urn]);
    const rotation = drained.one(":KeyRotation");
    expect(rotation.dependencies).toContain(fence.urn);
    expect(drained.one(":NetworkOpening", "migration-access-source-opening").dependencies).toContain(rotation.urn);
    expect(drained.one(":NetworkOpening", "migration-access-destination-opening").inputs).not.toHaveProperty("after");
    expect(drained.one(":TableCopy").inputs).toMatchObject({ afterFence: "2026-01-02T00:00:00Z" });
    expect(drained.outputs["fence"]).toBeDefined();
  });

  test("of keys remembers no firewall; one around a source that is signed in to comes before its roles", async () => {
    const keys = await run({}, { ...fenced, fence: "keys", phase: "drained" });
    expect(keys.all(":FormerNetwork")).toEqual([]);
    const source = { ...(part("destination", {})["source"] as Written), sharedKeyAccess: false };
    const signedIn = await run({}, { ...fenced, fence: "network", phase: "drained", source });
    const { urn } = signedIn.one(":SourceFence");
    expect(signedIn.one(":NetworkOpening", "migration-access-source-opening").dependencies).toContain(urn);
    for (const role of signedIn.all("authorization:RoleAssignment").filter(({ name }) => /-source-/.test(name))) {
      expect(role.dependencies).toContain(urn);
    }
  });

  test("stays, frozen, once the move is done and access is gone", async () => {
    const done = await run({}, { ...fenced, phase: "done" });
    expect(done.one(":SourceFence").inputs["frozen"]).toBe(true);
    expect(done.all(":FormerNetwork")).toHaveLength(1);
    expect(done.all(":KeyRotation")).toEqual([]);
  });
});

describe("a schedule", () => {
  test("in Azure is a job on a timer: one replica, no second try, secrets by reference to the vault", async () => {
    const recording = await run({}, { phase: "sync", schedule: { ...job, everyMinutes: 30 } });
    const { configuration, template, identity } = recording.one("app:Job").inputs as Written;
    expect(configuration).toMatchObject({
      triggerType: "Schedule",
      replicaRetryLimit: 0,
      scheduleTriggerConfig: { cronExpression: "*/30 * * * *", parallelism: 1, replicaCompletionCount: 1 },
    });
    const { secrets } = configuration as { secrets: Written[] };
    expect(secrets.map(({ name, keyVaultUrl, value }) => [name, keyVaultUrl, value])).toEqual([
      ["source", "https://landbridge1a2b3c4d.vault.test/secrets/x", undefined],
      ["destination", "https://landbridge1a2b3c4d.vault.test/secrets/x", undefined],
    ]);
    expect(identity).toEqual({ type: "UserAssigned", userAssignedIdentities: ["/ids/schedule-identity"] });
    const [container] = (template as { containers: Written[] }).containers;
    expect(container).toMatchObject({
      args: expect.arrayContaining(["sync", "--tables", "Cities", "--phase"]),
      env: expect.arrayContaining([{ name: "AZURE_CLIENT_ID", value: "client-1" }]),
    });
    expect(recording.all(":TableResourceTableRoleAssignment").map(({ name }) => name))
      .toContain("migration-access-destination-role-schedule");
    const reader = recording.one(":RoleAssignment", "landbridge-reader-schedule").inputs;
    expect(reader["principalType"]).toBe("ServicePrincipal");
  });

  test("in Azure alerts when a run fails, and when none ends with a small lag", async () => {
    const recording = await run({}, { phase: "sync", schedule: { ...job, lagMinutesMax: 20 } });
    const condition = (name: string) =>
      (recording.one(":ScheduledQueryRule", name).inputs["criteria"] as { allOf: Written[] }).allOf[0] as Written;
    expect(condition("schedule-failed")).toMatchObject({ operator: "GreaterThan", threshold: 0 });
    expect(condition("schedule-lags")).toMatchObject({ operator: "LessThan", threshold: 1 });
    expect(condition("schedule-lags")["query"]).toContain("LagMinutes <= 20");
  });

  test("tells no lag where nothing is followed any more: the source is to be shown quiet", async () => {
    const recording = await run({}, { phase: "drained", schedule: job });
    expect(recording.all(":ScheduledQueryRule").map(({ name }) => name)).not.toContain("schedule-lags");
  });

  test("is gone once the phase is done, and so is all access", async () => {
    const recording = await run({}, { phase: "done", schedule: job });
    const gone = /app:|Identity|:Schedule$|RoleAssignment|NetworkOpening|KeyRotation|keyvault/;
    expect(recording.resources.filter(({ type }) => gone.test(type)).map(({ name }) => name)).toEqual([]);
    expect(recording.one(":TableCopy").inputs).toMatchObject({ frozen: true, phase: "done" });
  });

  test("on a host is a timer that makes up for what it missed, and a service with its credentials as files", () => {
    const files = hostSchedule({
      kind: "systemd", everyMinutes: 15, command: ["sync", "--rename-property", "Cities.a=50%"],
      workingFolder: "/opt/landbridge", user: "landbridge", lagMinutesMax: 45,
    });
    expect(files["landbridge-sync-lag.service"]).toContain(
      "ExecStart=/usr/bin/env node /opt/landbridge/bin/landbridge.js report /var/lib/landbridge/last.json --quiet "
        + "--lag-minutes-max 45\n",
    );
    expect(files["landbridge-sync-lag.service"]).toContain("OnFailure=landbridge-sync-lagging.service");
    expect(files["landbridge-sync-lag.timer"]).toContain("OnUnitActiveSec=15min");
    expect(files["landbridge-sync.timer"]).toMatch(/OnCalendar=\*:0\/15\n.*\nPersistent=yes/);
    const service = files["landbridge-sync.service"] ?? "";
    expect(service).toContain("Type=oneshot");
    expect(service).toContain("LoadCredential=source:/etc/landbridge/source");
    expect(service).toContain("--rename-property Cities.a=50%% --report");
    expect(service).toContain("OnFailure=landbridge-sync-failed.service");
  });

  test("in a crontab escapes what cron reads, and tells the log of the host when a run fails", () => {
    const { "landbridge-sync.cron": text = "" } = hostSchedule({
      kind: "cron", everyMinutes: 120, command: ["sync", "--rename-property", "Cities.a=b%c d"],
      workingFolder: "/opt/landbridge", user: "mover", lagMinutesMax: 45,
    });
    expect(text).toMatch(/report \/var\/lib\/landbridge\/last\.json --quiet --lag-minutes-max 45 .* "sync lags"/);
    expect(text).toContain("0 */2 * * * mover cd /opt/landbridge && node /opt/landbridge/bin/landbridge.js sync");
    expect(text).toContain(String.raw`'Cities.a=b\%c d'`);
    expect(text).toContain("|| logger -t landbridge");
    expect([1, 5, 60, 1440].map(cronOf)).toEqual(["* * * * *", "*/5 * * * *", "0 * * * *", "0 0 * * *"]);
  });

  test("runs landbridge with what the stack says, and refuses what the command line cannot be told", () => {
    const tables = [{ table: "Cities", destinationTable: "Towns", renames: { id: "sourceId" } }];
    const sync = { tables, phases: PHASES, deletes: "propagate", conflicts: "refuse" } as const;
    expect(syncArguments(sync).join(" ")).toBe(
      "sync --tables Cities --rename-table Cities=Towns --rename-property Cities.id=sourceId --phase sync "
        + "--late-conflicts report --quiet-minutes 60 --reconcile-every-hours 24 --deletes propagate "
        + "--conflicts refuse --log json",
    );
    expect(syncArguments({ ...sync, tables: "all" })).toContain("--all");
    const filtered = [{ table: "Cities", filter: "a gt 1" }, { table: "Zoo" }];
    expect(refuseForSync(filtered)).toEqual(["table Cities has a filter"]);
  });
});
