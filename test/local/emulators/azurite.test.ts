import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateTableSas,
  type RestError,
  TableClient,
  TableServiceClient,
  type TransactionAction,
} from "@azure/data-tables";
import { startAzurite, type Azurite } from "../../../local/emulators/azurite";

const newKey = (): string => randomBytes(64).toString("base64");

function service(azurite: Azurite, account: string, key: string): TableServiceClient {
  const credential = new AzureNamedKeyCredential(account, key);
  return new TableServiceClient(azurite.endpoint(account), credential, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
}

async function tables(azurite: Azurite, account: string, key: string): Promise<string[] | number> {
  try {
    const names: string[] = [];
    for await (const { name } of service(azurite, account, key).listTables()) names.push(name ?? "");
    return names;
  } catch (error) {
    return (error as { statusCode: number }).statusCode;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("Azurite, one per organisation", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-azurite-"));
  const running: Azurite[] = [];
  const start = async (name: string, keys: readonly [string, string], port?: number): Promise<Azurite> => {
    const azurite = await startAzurite({ accounts: [{ name, keys }], folder: join(folder, name), port });
    running.push(azurite);
    return azurite;
  };
  afterAll(async () => {
    await Promise.all(running.map((azurite) => azurite.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("takes both keys of an account, and refuses a replaced one at once while the other still works", async () => {
    const [first, second, third] = [newKey(), newKey(), newKey()];
    const azurite = await start("contoso", [first, second]);
    await service(azurite, "contoso", first).createTable("Cities");
    expect(await tables(azurite, "contoso", second)).toEqual(["Cities"]);
    await azurite.setKeys("contoso", [third, second]);
    expect(await tables(azurite, "contoso", first)).toBe(403);
    expect(await tables(azurite, "contoso", second)).toEqual(["Cities"]);
    expect(await tables(azurite, "contoso", third)).toEqual(["Cities"]);
  });

  it("has its data again when it is started again on the same folder and port", async () => {
    const keys = [newKey(), newKey()] as const;
    const before = await start("northwind", keys);
    await service(before, "northwind", keys[0]).createTable("Orders");
    const credential = new AzureNamedKeyCredential("northwind", keys[0]);
    const options = { allowInsecureConnection: true };
    const client = new TableClient(before.endpoint("northwind"), "Orders", credential, options);
    await client.createEntity({ partitionKey: "p", rowKey: "r", total: 5 });
    await before.stop();
    await before.stop();
    const after = await start("northwind", keys, before.port);
    expect(after.endpoint("northwind")).toBe(before.endpoint("northwind"));
    expect((await client.getEntity("p", "r")).total).toBe(5);
  });

  it("takes batches with a table SAS that may write, and with none that may only read", async () => {
    const keys = [newKey(), newKey()] as const;
    const azurite = await start("adatum", keys);
    await service(azurite, "adatum", keys[0]).createTable("Parts");
    const credential = new AzureNamedKeyCredential("adatum", keys[1]);
    const options = { allowInsecureConnection: true };
    const owner = new TableClient(azurite.endpoint("adatum"), "Parts", credential, options);
    const policy = (permission: string) => ({
      accessPolicy: { permission, start: new Date(Date.now() - 60_000), expiry: new Date(Date.now() + 60_000) },
    });
    await owner.setAccessPolicy([{ id: "writer", ...policy("raud") }, { id: "reader", ...policy("r") }]);
    const batch = async (identifier: string): Promise<number> => {
      const sas = new AzureSASCredential(generateTableSas("Parts", credential, { identifier }));
      const client = new TableClient(azurite.endpoint("adatum"), "Parts", sas, options);
      const rows = ["1", "2"].map((rowKey) => ["upsert", { partitionKey: "p", rowKey }] as TransactionAction);
      const refused = (error: RestError): number => error.statusCode ?? 0;
      return await client.submitTransaction(rows).then(({ status }) => status, refused);
    };
    expect(await batch("writer")).toBe(202);
    expect(await batch("reader")).toBe(403);
    await owner.setAccessPolicy([]);
    expect(await batch("writer")).toBe(403);
  });

  it("does not know another organisation's account or keys", async () => {
    const [mine, theirs] = [newKey(), newKey()];
    const one = await start("litware", [mine, mine]);
    await start("fabrikam", [theirs, theirs]);
    expect(await tables(one, "litware", theirs)).toBe(403);
    expect(() => one.endpoint("fabrikam")).toThrow('no account "fabrikam"');
  });

  it("refuses a name or key that no account could have, without showing the key", async () => {
    const options = { folder: join(folder, "never") };
    const bad = startAzurite({ ...options, accounts: [{ name: "Bad_Name", keys: [newKey(), newKey()] }] });
    await expect(bad).rejects.toThrow('"Bad_Name"');
    const secret = "not base64!";
    const worse = startAzurite({ ...options, accounts: [{ name: "goodname", keys: [newKey(), secret] }] });
    await expect(worse).rejects.toThrow(/^A key of account "goodname" is not base64\.$/);
  });

  it("says why it cannot start on a port that is taken", async () => {
    const keys = [newKey(), newKey()] as const;
    const first = await start("tailspin", keys);
    await expect(start("wingtip", keys, first.port)).rejects.toThrow("EADDRINUSE");
  });

  it("ends with the process that started it, even when that is killed", async () => {
    const program = `
      const { startAzurite } = require(${JSON.stringify(join(__dirname, "../../../local/emulators/azurite.ts"))});
      const keys = [${JSON.stringify(newKey())}, ${JSON.stringify(newKey())}];
      startAzurite({ accounts: [{ name: "orphan", keys }], folder: ${JSON.stringify(join(folder, "orphan"))} })
        .then(() => console.log("ready"));`;
    const args = ["--require", "tsx/cjs", "--eval", program];
    const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((ready) => parent.stdout.once("data", ready));
    const children = execFileSync("pgrep", ["-P", String(parent.pid)], { encoding: "utf8" });
    const child = Number(children.trim().split("\n")[0]);
    expect(isAlive(child)).toBe(true);
    parent.kill("SIGKILL");
    const deadline = Date.now() + 10_000;
    while (isAlive(child) && Date.now() < deadline) await new Promise((wait) => setTimeout(wait, 100));
    expect(isAlive(child)).toBe(false);
  });
});
