import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { probeCredential } from "../../migration/access/probe";
import { OperationalError } from "../../migration/engine/errors";
import { probeBundle } from "../../migration/handlers/probe";
import { tryToken, type TokenAnswer } from "../../migration/access/tryToken";

const SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0";
const sas = (table: string, more = "&sp=r") =>
  `sv=2019-02-02&tn=${table}&se=2999-01-31T00%3A00%3A00Z&sig=${SECRET}${more}`;
const bundle = (tables: Record<string, string>) => JSON.stringify({
  version: 1, account: "contoso", endpoint: "https://contoso.table.core.windows.net",
  expiresOn: "2998-12-31T00:00:00Z", tables,
});
const answering = (answer: TokenAnswer) => ({ tryToken: () => Promise.resolve(answer) });
const good = answering({ status: 200, code: "" });

describe("a credential that was handed over", () => {
  it("tells account, tables, rights and the first expiry, and is no problem when it only reads", async () => {
    const text = bundle({ Cities: sas("Cities"), Types: sas("Types") });
    expect(await probeBundle(text, "all", good)).toEqual({
      account: "contoso", tables: ["Cities", "Types"], rights: "r", expiresOn: "2998-12-31T00:00:00.000Z", problems: [],
    });
  });

  it("with more rights than a source has to give is used, and said", async () => {
    const { problems } = await probeBundle(bundle({ Cities: sas("Cities", "&sp=raud") }), "all", good);
    expect(problems).toEqual([expect.stringMatching(/also grants aud.*Ask for r alone/)]);
  });

  it("whose rights a policy holds is proven by reading", async () => {
    const text = bundle({ Cities: `sv=2019-02-02&tn=Cities&si=partner&sig=${SECRET}` });
    expect((await probeBundle(text, "all", good)).rights).toBe("what the stored access policy partner says");
  });

  it("that cannot read is a problem, per table, with a remedy and without the token", async () => {
    const text = bundle({ Cities: sas("Cities") });
    const refused = answering({ status: 403, code: "AuthorizationPermissionMismatch" });
    const { problems } = await probeBundle(text, "all", refused);
    expect(problems).toEqual(["Table Cities cannot be read: the service answers 403 AuthorizationPermissionMismatch. "
      + "Ask the owner for a token with the right to read (r)."]);
    expect(JSON.stringify(problems)).not.toContain(SECRET);
  });

  it("that is an account key is said to be too much", async () => {
    const key = Buffer.alloc(64, 7).toString("base64");
    const text = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${key};EndpointSuffix=core.windows.net`;
    const result = await probeBundle(text, "all", { listTables: () => Promise.resolve(["Cities"]) });
    expect(result).toMatchObject({ tables: ["Cities"], expiresOn: "never" });
    expect(result.problems.join()).toMatch(/account key: it opens everything/);
    expect(JSON.stringify(result)).not.toContain(key);
  });
});

describe("a bundle that says to sign in, handed over", () => {
  const credential = (token: () => Promise<string>) =>
    ({ kind: "signIn", account: "contoso", endpoint: "https://contoso.table.core.windows.net", token }) as const;
  const signedIn = credential(() => Promise.resolve("TOPSECRET"));

  it("is tried on each table that is to move, with the token of whoever is signed in, which is not shown", async () => {
    const asked: unknown[] = [];
    const tryToken = (_endpoint: string, resource: string, token: unknown) => {
      asked.push([resource, token]);
      return Promise.resolve({ status: 200, code: "" });
    };
    const found = await probeCredential(signedIn, ["Cities", "Types"], { tryToken });
    expect(asked).toEqual(["Cities()", "Types()"].map((resource) => [resource, { bearer: "TOPSECRET" }]));
    expect(found).toEqual({
      account: "contoso", tables: ["Cities", "Types"], rights: "read by Entra ID",
      expiresOn: "when the owner takes the role back", problems: [],
    });
  });

  it("lists the tables where all are to move", async () => {
    const listTables = () => Promise.resolve(["Zoo"]);
    expect((await probeCredential(signedIn, "all", { ...good, listTables })).tables).toEqual(["Zoo"]);
  });

  it.each([
    ["AuthorizationPermissionMismatch", 403, /give Storage Table Data Reader.*a fresh role takes minutes/],
    ["InvalidAuthenticationInfo", 401, /of another tenant.*correct signIn\.tenantId in the bundle/],
  ])("says what to do about %s", async (code, status, expected) => {
    const { problems } = await probeCredential(signedIn, ["Cities"], answering({ status, code }));
    expect(problems).toEqual([expect.stringMatching(expected)]);
  });

  it("is told, not refused, where nobody is signed in: the copy may run elsewhere", async () => {
    const error = new OperationalError({ code: "SignInFailed", message: "Run `az login --tenant t`." });
    const { problems } = await probeCredential(credential(() => Promise.reject(error)), ["Cities"], good);
    expect(problems).toEqual(["Reading was not tried: Run `az login --tenant t`."]);
  });

  it("ends when the bundle says so", async () => {
    const signIn = { tenantId: "t" };
    const endpoint = "http://127.0.0.1:1/contoso";
    const expiresOn = "2998-12-31T00:00:00Z";
    const text = JSON.stringify({ version: 1, account: "contoso", endpoint, expiresOn, signIn });
    const found = await probeBundle(text, [], good);
    expect(found).toMatchObject({ tables: [], expiresOn: "2998-12-31T00:00:00.000Z" });
  });

  it("is what the owner is asked for where the account refuses every SAS", async () => {
    const answer = answering({ status: 403, code: "KeyBasedAuthenticationNotPermitted" });
    const { problems } = await probeBundle(bundle({ Cities: sas("Cities") }), "all", answer);
    expect(problems).toEqual([expect.stringMatching(/ask its owner for a role, and a bundle with signIn, instead/)]);
  });
});

describe("a small read with a token", () => {
  let server: Server;
  let seen: string[];
  let reply: { status: number; body: string; headers: Record<string, string> };

  beforeEach(async () => {
    seen = [];
    server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/contoso`;

  it("asks for one row, by GET", async () => {
    reply = { status: 200, body: "{}", headers: {} };
    expect(await tryToken(endpoint(), "Cities()", `sig=${SECRET}`)).toEqual({ status: 200, code: "" });
    expect(await tryToken(endpoint(), "Cities()", { bearer: SECRET })).toEqual({ status: 200, code: "" });
    expect(seen).toEqual([`GET /contoso/Cities()?$top=1&sig=${SECRET}`, "GET /contoso/Cities()?$top=1"]);
  });

  it.each([
    ["a header", "", { "x-ms-error-code": "AuthenticationFailed" }],
    ["JSON", '{"odata.error":{"code":"AuthenticationFailed","message":{"value":"no"}}}', {}],
    ["XML", "<?xml version='1.0'?><m:error><m:code>AuthenticationFailed</m:code></m:error>", {}],
  ])("finds the service's code in %s", async (_where, body, headers) => {
    reply = { status: 403, body, headers: headers as Record<string, string> };
    expect(await tryToken(endpoint(), "Cities()", "sig=x")).toEqual({ status: 403, code: "AuthenticationFailed" });
  });

  it("does not show the token when the address itself is wrong, which fetch would quote whole", async () => {
    const error = await tryToken("http://[broken", "Cities()", `sig=${SECRET}`).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Unreachable" });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(SECRET);
  });

  it("says that a host cannot be reached, retryable, and never shows the token", async () => {
    const closed = endpoint();
    await new Promise((resolve) => server.close(resolve));
    const error = await tryToken(closed, "Cities()", `sig=${SECRET}`).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "Unreachable", retryable: true });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(SECRET);
    server = createServer().listen(0);
  });
});
