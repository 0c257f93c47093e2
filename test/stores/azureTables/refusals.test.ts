import { OperationalError } from "../../../migration/engine/errors";
import { openAzureTables, type TableCredential } from "../../../migration/stores/azureTables";
import { cannedServer, type Answer, type CannedServer } from "./cannedServer";

const DATE = "Fri, 02 Jan 2026 03:04:05 GMT";
const KEY = Buffer.from("the secret key of an account").toString("base64");

let server: CannedServer;
let answer: Answer;

function json(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = JSON.stringify({ "odata.error": { code, message: { lang: "en-US", value: message } } });
  return { status, headers: { date: new Date().toUTCString(), ...headers }, body };
}

async function refusal(credential: TableCredential, write = false): Promise<OperationalError> {
  const store = openAzureTables(credential, { timeoutMs: 2_000 });
  const body = Buffer.from('{"PartitionKey":"p","RowKey":"r"}');
  try {
    await (write
      ? store.write("Cities", [{ kind: "putReplace", key: { partitionKey: "p", rowKey: "r" }, body }])
      : store.readPage("Cities", {}));
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  } finally {
    await store.close();
  }
  throw new Error("nothing was refused");
}

function key(): TableCredential {
  return { kind: "sharedKey", account: "contoso", endpoint: server.endpoint, key: KEY };
}

function sas(fields: string): TableCredential {
  return { kind: "accountSas", account: "contoso", endpoint: server.endpoint, sas: `${fields}&sig=topSecret%2Bsig%3D` };
}

beforeEach(async () => {
  server = await cannedServer(() => answer);
});

afterEach(() => server.stop());

describe("a refusal says what is missing", () => {
  const later = "se=2999-01-01T00:00:00Z";

  it.each<[string, Answer, string, boolean, string]>([
    ["a right the SAS lacks", json(403, "AuthorizationPermissionMismatch", "no"), `sp=r&${later}`, true,
      'The SAS grants "r" and lacks add (a) and update (u)'],
    ["a right the policy may lack", json(403, "AuthorizationPermissionMismatch", "no"), "si=landbridge-1", false,
      'stored access policy "landbridge-1": it must grant read (r)'],
    ["an expired SAS", json(403, "AuthenticationFailed", "no"), "sp=r&se=2020-01-01T00:00:00Z", false,
      "The SAS expired at 2020-01-01T00:00:00Z"],
    ["a SAS that is too early", json(403, "AuthenticationFailed", "no"), `sp=r&st=2998-01-01T00:00:00Z&${later}`, false,
      "not valid before 2998-01-01T00:00:00Z"],
    ["a removed policy", json(403, "AuthenticationFailed", "no"), "si=landbridge-1&tn=cities", false,
      'or its policy "landbridge-1" was removed'],
    ["a key that was probably rotated", json(403, "AuthenticationFailed", "no"), `sp=r&${later}`, false,
      "probably the key that signed it was rotated. Mint a new SAS."],
    ["a table whose policy went with it", json(403, "AuthenticationFailed", "no"), "si=landbridge-1&tn=cities", false,
      "or the table was deleted (`pulumi refresh`, then `pulumi up`, makes it anew)"],
    ["a table that may be gone", json(403, "AuthorizationFailure", "no"), `sp=r&tn=cities&${later}`, false,
      "or the table was deleted (`pulumi refresh`, then `pulumi up`, makes it anew)"],
    ["a SAS for other resources", json(403, "AuthorizationResourceTypeMismatch", "no"), `srt=s&${later}`, false,
      "tables need srt=co"],
    ["a SAS for another service", json(403, "AuthorizationServiceMismatch", "no"), `ss=b&${later}`, false, "ss=t"],
    ["a SAS bound to another address", json(403, "AuthorizationSourceIPMismatch", "no"), `sip=10.0.0.1&${later}`, false,
      "bound to the address 10.0.0.1"],
    ["network rules", json(403, "AuthorizationFailure", "no"), `sp=raud&${later}`, false, "network rules"],
    ["shared keys switched off", json(403, "KeyBasedAuthenticationNotPermitted", "no"), `sp=r&${later}`, false,
      "sign in by Entra ID"],
  ])("%s", async (_what, given, fields, write, remedy) => {
    answer = given;
    const error = await refusal(sas(fields), write);
    expect(error.message).toContain(remedy);
    expect(error.retryable).toBe(false);
  });

  it("does not speak of a deleted table where the SAS is the account's", async () => {
    for (const code of ["AuthenticationFailed", "AuthorizationFailure"]) {
      answer = json(403, code, "no");
      expect((await refusal(sas(`sp=r&${later}`))).message).not.toContain("deleted");
    }
  });

  it("tells a rotated key from a clock that is wrong", async () => {
    answer = json(403, "AuthenticationFailed", "no");
    expect((await refusal(key())).message).toContain("was rotated: give the current one");
    answer = json(403, "AuthenticationFailed", "no", { date: DATE.replace("2026", "2001") });
    expect((await refusal(key())).message).toMatch(/clocks? and the service's differ by \d+ minutes/);
  });

  it("reads refusals in XML, in newer JSON and without a body", async () => {
    answer = { status: 403, body: '<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code>' +
      "<Message>Not &lt;you&gt;.\nRequestId:1\nTime:2</Message></Error>" };
    expect(await refusal(key())).toMatchObject({ code: "AuthenticationFailed", status: 403 });
    expect((await refusal(key())).message).toContain('"Not <you>"');
    answer = { status: 400, body: '{"error":{"code":"BadThing","message":"so"}}' };
    expect(await refusal(key())).toMatchObject({ code: "BadThing" });
    answer = { status: 403, headers: { "x-ms-error-code": "AccountIsDisabled" } };
    expect(await refusal(key())).toMatchObject({ code: "AccountIsDisabled" });
    answer = { status: 418, body: "<html>a proxy</html>" };
    expect(await refusal(key())).toMatchObject({ code: "Http418", retryable: false });
  });

  it.each([
    [429, "TooManyRequests", true, true, false],
    [503, "ServerBusy", true, true, false],
    [503, "", true, true, true],
    [500, "OperationTimedOut", true, false, true],
    [502, "", true, false, true],
    [504, "", true, false, true],
    [408, "", true, false, true],
    [409, "TableBeingDeleted", true, false, false],
    [404, "TableNotFound", false, false, false],
    [403, "AuthorizationFailure", false, false, false],
  ])("%i %s: whether to ask again, slower, and whether it may have happened", async (
    status, code, retryable, throttled, ambiguous,
  ) => {
    answer = json(status, code, "no");
    expect(await refusal(key(), true)).toMatchObject({ status, retryable, throttled, ambiguous });
    expect(await refusal(key(), false)).toMatchObject({ status, retryable, throttled, ambiguous: false });
  });

  it.each<[Readonly<Record<string, string>>, number | undefined]>([
    [{ "retry-after": "5" }, 5_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after-ms": "250", "retry-after": "5" }, 250],
    [{ "x-ms-retry-after-ms": "40" }, 40],
    [{ date: DATE, "retry-after": "Fri, 02 Jan 2026 03:04:15 GMT" }, 10_000],
    [{ date: DATE, "retry-after": "Fri, 02 Jan 2026 03:04:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "99999999" }, 600_000],
    [{}, undefined],
  ])("waits as long as %j asks", async (headers, expected) => {
    answer = json(503, "ServerBusy", "no", headers);
    expect((await refusal(key())).retryAfterMs).toBe(expected);
  });

  it("never shows a signature or key, not even one that the service repeats", async () => {
    const echoes = "sig=topSecret%2Bsig%3D&x SharedKeyLite contoso:abc+/= AccountKey=abcd==;";
    for (const given of [json(403, "AuthenticationFailed", echoes), { status: 500, body: echoes }]) {
      answer = given;
      for (const credential of [sas("sp=r"), key()]) {
        const error = await refusal(credential);
        const shown = `${error.message} ${error.stack} ${JSON.stringify(error)}`;
        expect(shown).not.toMatch(/topSecret|abc\+|abcd==/);
        expect(shown).not.toContain(KEY);
      }
    }
  });

  it("does not show the SAS when the host cannot be reached or found", async () => {
    await server.stop();
    const error = await refusal(sas("sp=r"));
    expect(error.code).toBe("Unreachable");
    expect(`${error.message} ${error.stack} ${JSON.stringify(error.cause)}`).not.toContain("topSecret");
    const nowhere = await refusal({ ...key(), endpoint: "https://contoso.table.landbridge.invalid" });
    expect(nowhere).toMatchObject({ code: "Unreachable", retryable: true });
    expect(nowhere.message).toContain("contoso.table.landbridge.invalid");
  });
});
