import { OperationalError } from "../../migration/engine/errors";
import { openAzureTables } from "../../migration/stores/azureTables";
import type { SimulatedServer } from "../simulated";
import { serve, sign, SimulatedTableService } from "../simulated";
import { insert, key, put, readAll } from "./subject";

const KEY = Buffer.from("the key that signs").toString("base64");
const HOUR = 3_600_000;

type Fields = Readonly<Record<string, string>>;

function signed(fields: Fields, text: readonly string[]): string {
  return new URLSearchParams({ ...fields, sig: sign(text.join("\n"), KEY) }).toString();
}

const until = (ms: number) => new Date(Date.now() + ms).toISOString();

function accountSas({ sp = "rwdlacu", se = until(HOUR), spr = "", sip = "" }: Fields = {}): string {
  const fields = { sv: "2019-02-02", ss: "t", srt: "sco", sp, se, spr, sip };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
  return signed(given, ["contoso", sp, "t", "sco", "", se, sip, spr, "2019-02-02", ""]);
}

function tableSas(tn: string, { sp = "raud", se = until(HOUR) }: Fields = {}): string {
  const resource = `/table/contoso/${tn.toLowerCase()}`;
  return signed({ sv: "2019-02-02", tn, sp, se }, [sp, "", se, resource, "", "", "", "2019-02-02", "", "", "", ""]);
}

async function failure(work: Promise<unknown>): Promise<OperationalError> {
  const error: unknown = await work.then(() => new Error("It succeeded."), (caught: unknown) => caught);
  if (!(error instanceof OperationalError)) throw error;
  expect(error.message).not.toMatch(/sig=(?!\*)/);
  return error;
}

describe("the Azure store and the credentials it is given, against the simulated service", () => {
  let service: SimulatedTableService;
  let server: SimulatedServer;

  beforeEach(async () => {
    service = new SimulatedTableService({ accounts: [{ name: "contoso", key: KEY }], tableDeletionMs: 400 });
    server = await serve(service);
    service.account("contoso").seedJson("Cities", ['{"PartitionKey":"NL","RowKey":"1","v":1.0}']);
    service.account("contoso").createTable("Rivers");
  });

  afterEach(() => server.close());

  const byAccount = (fields: Fields = {}) =>
    openAzureTables({
      kind: "accountSas",
      account: "contoso",
      endpoint: server.endpoint("contoso"),
      sas: accountSas(fields),
    });
  const byTable = (fields: Fields = {}) =>
    openAzureTables({
      kind: "tableSas",
      account: "contoso",
      endpoint: server.endpoint("contoso"),
      tables: new Map([["Cities", tableSas("Cities", fields)]]),
    });

  it("does everything with an account SAS that allows everything", async () => {
    const store = byAccount();
    expect(await store.createTable("Lakes")).toBe("created");
    expect(await store.listTables()).toEqual(["Cities", "Lakes", "Rivers"]);
    expect((await store.write("Lakes", [insert(key("a", "1")), put(key("a", "2"))])).committed).toBe(true);
    expect(await readAll(store, "Lakes")).toHaveLength(2);
    await store.deleteTable("Lakes");
    await store.close();
  });

  it("reads and writes its table with a table SAS, lists what it was given, and cannot create", async () => {
    const store = byTable();
    expect(await store.listTables()).toEqual(["Cities"]);
    expect(await store.createTable("Cities")).toBe("existed");
    expect(await readAll(store, "Cities")).toHaveLength(1);
    expect((await store.write("Cities", [put(key("NL", "2")), put(key("NL", "3"))])).committed).toBe(true);
    expect((await failure(store.readPage("Rivers", {}))).retryable).toBe(false);
    await store.close();
  });

  it.each<[string, Fields]>([
    ["an expired one", { se: until(-HOUR) }],
    ["one without read", { sp: "wdlacu" }],
    ["one for https", { spr: "https" }],
    ["one for another address", { sip: "10.0.0.1" }],
  ])("refuses to go on with %s, and does not ask to retry", async (_title, fields) => {
    const store = byAccount(fields);
    const error = await failure(store.readPage("Cities", {}));
    expect(error).toMatchObject({ status: 403, retryable: false, throttled: false, ambiguous: false });
    expect(error.code).toMatch(/^Auth/);
    await store.close();
  });

  it("tells a missing write right from a row that was refused, alone and in a batch", async () => {
    const store = byTable({ sp: "r" });
    for (const rows of [[put(key("NL", "2"))], [put(key("NL", "2")), put(key("NL", "3"))]]) {
      const error = await failure(store.write("Cities", rows));
      expect(error).toMatchObject({ status: 403, code: "AuthorizationPermissionMismatch", ambiguous: false });
    }
    expect(service.account("contoso").rows("Cities")).toHaveLength(1);
    await store.close();
  });

  it("says so when a SAS expires in the middle of a run", async () => {
    const store = byTable();
    await store.readPage("Cities", {});
    service.faults.add({ kind: "expireSas" });
    expect(await failure(store.readPage("Cities", {}))).toMatchObject({ status: 403, retryable: false });
    await store.close();
  });

  it("asks to retry while a table of that name is being deleted, and creates it afterwards", async () => {
    const store = byAccount();
    await store.deleteTable("Rivers");
    expect(await store.tableExists("Rivers")).toBe(false);
    expect(await failure(store.createTable("Rivers"))).toMatchObject({ code: "TableBeingDeleted", retryable: true });
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await store.createTable("Rivers")).toBe("created");
    await store.close();
  });

  it("sends nothing but what it must: no signature in the service's log, one request a call", async () => {
    const store = byTable();
    service.clearLog();
    await store.readRow("Cities", key("NL", "1"));
    expect(service.log.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET Cities(PartitionKey='NL',RowKey='1') 200",
    ]);
    await store.close();
  });
});
