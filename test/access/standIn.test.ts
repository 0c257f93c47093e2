import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTOSO, startEmulators, type Emulators } from "../../local/emulators";
import type { AccountRef } from "../../migration/access/accountRef";
import { listAccess } from "../../migration/access/listAccess";
import { openManagement } from "../../migration/access/management";
import { tryToken } from "../../migration/access/tryToken";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Properties } from "../../migration/handlers/handler";
import { keyRotationHandler } from "../../migration/handlers/keyRotation";
import { networkOpeningHandler } from "../../migration/handlers/networkOpening";
import { accessPorts } from "../../migration/handlers/ports";
import { tableSasHandler } from "../../migration/handlers/tableSas";

/** The handlers as they are, through the real SDK, against two processes: management API and table service. */
describe("access to an emulated account", () => {
  const { subscriptionId, resourceGroup, account: name } = CONTOSO;
  const account: AccountRef = { kind: "emulator", subscriptionId, resourceGroup, account: name };
  const said: string[] = [];
  const ports = { ...accessPorts, say: (line: string) => void said.push(line) };
  const sas = tableSasHandler(ports);
  const rotation = keyRotationHandler(ports);
  const opening = networkOpeningHandler(ports);
  const inputs: Properties = {
    account, tables: ["Cities"], purpose: "source", lifetimeHours: 72, keyName: "key2", createMissing: false,
    policyId: "landbridge-test",
  };
  const management = () => openManagement(account);
  let folder: string;
  let emulators: Emulators;
  const before = process.env.LANDBRIDGE_EMULATORS;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "landbridge-access-"));
    delete process.env.LANDBRIDGE_EMULATORS;
    emulators = await startEmulators({ folder });
    process.env.LANDBRIDGE_EMULATORS = emulators.file;
    await management().createTable("Cities");
  });
  afterAll(async () => {
    await emulators.stop();
    rmSync(folder, { recursive: true, force: true });
    if (before === undefined) delete process.env.LANDBRIDGE_EMULATORS;
    else process.env.LANDBRIDGE_EMULATORS = before;
  });

  const read = (outs: Properties, table = "Cities") => {
    const bundle = JSON.parse(String(outs["bundle"])) as { endpoint: string; tables: Record<string, string> };
    return tryToken(bundle.endpoint, `${table}()`, bundle.tables[table] ?? "");
  };

  it("works while it is granted, is refused once it is taken back, and leaves others' policies alone", async () => {
    const backup = { id: "backup", permissions: "r", expiresOn: "2099-01-01T00:00:00.000Z" };
    await management().setPolicies("Cities", [backup]);
    const { id, outs } = await sas.create(inputs);
    expect(await read(outs)).toEqual({ status: 200, code: "" });
    expect(await sas.read(id, outs)).toEqual({ id, props: outs });
    expect((await listAccess(management())).policies).toMatchObject([{ table: "Cities" }]);
    await sas.delete(id, outs);
    expect((await read(outs)).status).toBe(403);
    expect(await management().getPolicies("Cities")).toMatchObject([backup]);
    await sas.delete(id, outs);
    expect((await listAccess(management())).policies).toEqual([]);
  });

  it("creates a destination's tables and journal; the journal goes, data stays", async () => {
    const wanted = { ...inputs, purpose: "destination", tables: ["Cities", "New"], createMissing: true };
    const { id, outs } = await sas.create(wanted);
    expect((await read(outs, JOURNAL_TABLE)).status).toBe(200);
    await sas.delete(id, outs);
    expect([...await management().listTables()].sort()).toEqual(["Cities", "New"]);
  });

  it("names a missing table, and changes nothing", async () => {
    await expect(sas.create({ ...inputs, tables: ["Typo"] })).rejects.toMatchObject({ code: "TableNotFound" });
    expect((await listAccess(management())).policies).toEqual([]);
  });

  it("dies with the key that signed it, which is rotated once and is no longer accepted", async () => {
    const rotating = { account, keyName: "key2" };
    const { id, outs } = await rotation.create(rotating);
    const granted = await sas.create(inputs);
    const oldKey = (await management().listKeys()).find(({ keyName }) => keyName === "key2")?.value;
    await rotation.delete(id, outs);
    expect((await read(granted.outs)).status).toBe(403);
    const newKey = (await management().listKeys()).find(({ keyName }) => keyName === "key2")?.value;
    expect(newKey).not.toBe(oldKey);
    await rotation.delete(id, outs);
    expect((await management().listKeys()).find(({ keyName }) => keyName === "key2")?.value).toBe(newKey);
    expect(said.join("\n")).toMatch(/Rotated key2 .*\n.*rotated already/);
    await sas.delete(granted.id, granted.outs);
  });

  it("opens the firewall for the time being, and whatever else is in the rule set comes through", async () => {
    const rules = {
      defaultAction: "Deny" as const, bypass: "Logging, Metrics",
      ipRules: [{ value: "203.0.113.9" }], ipv6Rules: [{ value: "2001:db8::/64" }],
    };
    await management().setNetworkRules(rules);
    const whole = await management().getNetworkRules();
    const { id, outs } = await opening.create({ account, ipRanges: ["198.51.100.0/24", "203.0.113.9"], subnetIds: [] });
    expect(outs["added"]).toEqual({ ipRules: ["198.51.100.0/24"], ipv6Rules: [], subnetIds: [] });
    const open = await management().getNetworkRules();
    expect(open.ipRules?.map(({ value }) => value)).toEqual(["203.0.113.9", "198.51.100.0/24"]);
    await opening.delete(id, outs);
    expect(await management().getNetworkRules()).toEqual(whole);
    expect(whole).toMatchObject({ bypass: "Logging, Metrics", ipv6Rules: [{ value: "2001:db8::/64" }] });
  });

  it("tells an account that is gone from a subscription that cannot be seen", async () => {
    const other = openManagement({ ...account, resourceGroup: "elsewhere" });
    await expect(other.listKeys()).rejects.toMatchObject({ code: "AccountNotFound" });
    await expect(other.getPolicies("Cities")).rejects.toMatchObject({ code: "AccountNotFound" });
    await expect(other.deleteTable("Cities")).rejects.toMatchObject({ code: "AccountNotFound" });
    const subscription = openManagement({ ...account, subscriptionId: "99999999-0000-4000-8000-000000000002" });
    await expect(subscription.getPolicies("Cities")).rejects.toMatchObject({ code: "SubscriptionNotFound" });
    expect(() => openManagement({ ...account, account: "unknown" })).toThrow(/there is .*contosotables/);
    expect(await management().getPolicies("NoSuchTable")).toBeUndefined();
    await expect(management().deleteTable("NoSuchTable")).resolves.toBeUndefined();
  });

  it("says how to start emulators that are not running", () => {
    process.env.LANDBRIDGE_EMULATORS = join(folder, "nowhere.json");
    expect(management).toThrow(/cannot read .*nowhere\.json.*Start the emulators/);
    process.env.LANDBRIDGE_EMULATORS = emulators.file;
  });
});
