import { openAzureTables, type TableCredential } from "../../../migration/stores/azureTables";
import { cannedServer, type Answer, type CannedServer } from "./cannedServer";

const KEY = Buffer.from("key").toString("base64");
const NEXT = "x-ms-continuation-nexttablename";
const DATE = "Fri, 02 Jan 2026 03:04:05 GMT";

function key(endpoint: string): TableCredential {
  return { kind: "sharedKey", account: "contoso", endpoint, key: KEY };
}

describe("opening an account", () => {
  it.each([
    ["http://contoso.table.core.windows.net", "InsecureEndpoint"],
    ["http://127.0.0.1.example.com/contoso", "InsecureEndpoint"],
    ["http://localhost.example.com/contoso", "InsecureEndpoint"],
    ["ftp://127.0.0.1/contoso", "EndpointInvalid"],
    ["contoso", "EndpointInvalid"],
    ["https://contoso.table.core.windows.net?sig=topSecret", "EndpointInvalid"],
    ["https://user:topSecret@contoso.table.core.windows.net", "EndpointInvalid"],
  ])("refuses %s before any request", (endpoint, code) => {
    let thrown: unknown;
    try {
      openAzureTables(key(endpoint));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, retryable: false });
    expect(String(thrown)).not.toContain("topSecret");
  });

  it.each([
    ["https://Contoso.table.core.windows.net", "contoso.table.core.windows.net"],
    ["https://contoso.table.core.windows.net./", "contoso.table.core.windows.net"],
    ["http://127.0.0.1:10002/contoso", "127.0.0.1:10002/contoso"],
    ["http://localhost:10002/contoso/", "localhost:10002/contoso"],
    ["http://[::1]:10002/contoso", "[::1]:10002/contoso"],
  ])("accepts %s and calls it by the same name whoever opens it", async (endpoint, identity) => {
    const store = openAzureTables(key(endpoint));
    const other = openAzureTables({ kind: "accountSas", account: "contoso", endpoint, sas: "sv=1&sig=x" });
    expect([store.identity, other.identity]).toEqual([identity, identity]);
    expect(store.name).toContain("account contoso");
    await store.close();
    await other.close();
  });

  it("refuses a key that is not Base64 and a SAS without a signature, without showing them", () => {
    const endpoint = "https://contoso.table.core.windows.net";
    expect(() => openAzureTables({ kind: "sharedKey", account: "contoso", endpoint, key: "top secret!" }))
      .toThrow(/^(?!.*top secret)The key of account contoso is not Base64/);
    const sas = new Map([["Cities", "sv=1&topSecret"]]);
    expect(() => openAzureTables({ kind: "tableSas", account: "contoso", endpoint, tables: sas }))
      .toThrow(/^(?!.*topSecret)A SAS of account contoso/);
  });
});

describe("a credential bundle", () => {
  let server: CannedServer;
  let answer: Answer;
  const page: Answer = { status: 200, headers: { date: DATE }, body: '{"value":[]}' };
  const missing: Answer = {
    status: 404, headers: { date: DATE }, body: '{"odata.error":{"code":"TableNotFound","message":{"value":"x"}}}',
  };

  function bundle() {
    const tables = new Map([["Cities", "sp=raud&sig=cities"], ["Rivers", "sp=raud&sig=rivers"]]);
    return openAzureTables({ kind: "tableSas", account: "contoso", endpoint: server.endpoint, tables });
  }

  beforeEach(async () => {
    answer = page;
    server = await cannedServer(() => answer);
  });

  afterEach(() => server.stop());

  it("uses the SAS of the table asked for, whatever the case of its name", async () => {
    const store = bundle();
    await store.readPage("rivers", {});
    await store.readPage("Cities", { rowsMax: 5 });
    expect(server.received.map(({ url }) => url)).toEqual([
      "/contoso/rivers()?sp=raud&sig=rivers", "/contoso/Cities()?$top=5&sp=raud&sig=cities",
    ]);
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    await store.close();
  });

  it("signs batches with the table's SAS, outside only", async () => {
    const store = bundle();
    const operations = ["1", "2"].map((rowKey) => ({
      kind: "delete" as const, key: { partitionKey: "p", rowKey }, version: "*",
    }));
    await expect(store.write("Cities", operations)).rejects.toMatchObject({ code: "MalformedResponse" });
    expect(server.received[0]?.url).toBe("/contoso/$batch?sp=raud&sig=cities");
    expect(server.received[0]?.body).not.toContain("sig=");
    await store.close();
  });

  it("lists its own tables without asking anybody", async () => {
    const store = bundle();
    expect(await store.listTables()).toEqual(["Cities", "Rivers"]);
    expect(server.received).toEqual([]);
    await store.close();
  });

  it("cannot create a table: an existing one is fine, a missing one is an error with the remedy", async () => {
    const store = bundle();
    expect(await store.createTable("Cities")).toBe("existed");
    expect(server.received[0]).toMatchObject({
      method: "GET", url: "/contoso/Cities()?$top=1&$select=PartitionKey&sp=raud&sig=cities",
    });
    answer = missing;
    expect(await store.tableExists("Cities")).toBe(false);
    await expect(store.createTable("Cities")).rejects.toMatchObject({ code: "TableMissing", retryable: false });
    await expect(store.createTable("Cities")).rejects.toThrow("Create the table");
    await store.close();
  });

  it("says which tables it opens when asked for another, or for the account", async () => {
    const store = bundle();
    await expect(store.readPage("Lakes", {})).rejects.toThrow(/no SAS for table "Lakes".*Cities, Rivers/);
    await expect(store.deleteTable("Cities")).rejects.toMatchObject({ code: "TableNotGranted" });
    expect(server.received).toEqual([]);
    await store.close();
  });
});

describe("tables of an account", () => {
  let server: CannedServer;
  let answers: readonly Answer[];

  beforeEach(async () => {
    server = await cannedServer(() => answers[server.received.length - 1] ?? { status: 500 });
  });

  afterEach(() => server.stop());

  function refusal(status: number, code: string): Answer {
    return { status, headers: { date: DATE }, body: `{"odata.error":{"code":"${code}","message":{"value":"x"}}}` };
  }

  it("lists them over every page, an empty one too", async () => {
    answers = [
      { status: 200, headers: { [NEXT]: "1!4!Yg==" }, body: '{"value":[{"TableName":"A"}]}' },
      { status: 200, headers: { [NEXT]: "c" }, body: '{"value":[]}' },
      { status: 200, body: '{"value":[{"TableName":"B"},{"TableName":"C"}]}' },
    ];
    const store = openAzureTables(key(server.endpoint));
    expect(await store.listTables()).toEqual(["A", "B", "C"]);
    expect(server.received.map(({ url }) => url)).toEqual([
      "/contoso/Tables", "/contoso/Tables?NextTableName=1!4!Yg%3D%3D", "/contoso/Tables?NextTableName=c",
    ]);
    await store.close();
  });

  it("refuses a listing that is not one, rather than say that there are no tables", async () => {
    answers = ["{}", '{"value":[{"Name":"A"}]}', "["].map((body) => ({ status: 200, body }));
    const store = openAzureTables(key(server.endpoint));
    for (let i = 0; i < 3; i++) await expect(store.listTables()).rejects.toMatchObject({ code: "MalformedResponse" });
    await store.close();
  });

  it("creates a table, takes an existing one, and waits for one that is being deleted", async () => {
    answers = [{ status: 204 }, refusal(409, "TableAlreadyExists"), refusal(409, "TableBeingDeleted")];
    const store = openAzureTables(key(server.endpoint));
    expect(await store.createTable("Cities")).toBe("created");
    expect(await store.createTable("Cities")).toBe("existed");
    await expect(store.createTable("Cities")).rejects.toMatchObject({ code: "TableBeingDeleted", retryable: true });
    const [request] = server.received;
    expect(request).toMatchObject({ method: "POST", url: "/contoso/Tables", body: '{"TableName":"Cities"}' });
    await store.close();
  });

  it("deletes a table, and one that is gone or going counts as deleted", async () => {
    const gone = [refusal(404, "ResourceNotFound"), refusal(409, "TableBeingDeleted")];
    answers = [{ status: 204 }, ...gone, refusal(403, "No")];
    const store = openAzureTables(key(server.endpoint));
    for (let i = 0; i < 3; i++) await store.deleteTable("Cities");
    await expect(store.deleteTable("Cities")).rejects.toMatchObject({ code: "No" });
    expect(server.received[0]).toMatchObject({ method: "DELETE", url: "/contoso/Tables('Cities')" });
    await store.close();
  });
});
