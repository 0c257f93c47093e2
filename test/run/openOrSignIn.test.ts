import { OperationalError } from "../../migration/engine/errors";
import type { Store } from "../../migration/engine/store";
import { openOrSignIn } from "../../migration/run/openOrSignIn";
import { realPorts } from "../../migration/run/ports";
import type { SignInRequest } from "../../migration/run/signIn";
import type { TableCredential } from "../../migration/stores/azureTables";
import { cannedServer, type Answer, type CannedServer } from "../stores/azureTables/cannedServer";

const KEY = Buffer.from("the secret key of an account").toString("base64");
const now = () => ({ date: new Date().toUTCString() });
const PAGE: Answer = { status: 200, headers: now(), body: '{"value":[]}' };
const STORAGE = {
  status: 403,
  headers: { ...now(), "x-ms-error-code": "KeyBasedAuthenticationNotPermitted" },
  body: '{"odata.error":{"code":"KeyBasedAuthenticationNotPermitted","message":{"value":"Not permitted."}}}',
};
const COSMOS: Answer = {
  status: 401,
  headers: now(),
  body: '{"odata.error":{"code":"Unauthorized","message":{"value":"Local Authorization is disabled. Use an AAD token '
    + 'to authorize all requests."}}}',
};

let server: CannedServer;
let refusal: Answer;
let toSignedIn: Answer;
const stores: Store[] = [];

beforeEach(async () => {
  [refusal, toSignedIn] = [STORAGE, PAGE];
  server = await cannedServer(({ headers: { authorization = "" } }) => {
    return authorization === "Bearer held" ? toSignedIn : refusal;
  });
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await server.stop();
});

function byKey(): TableCredential {
  return { kind: "sharedKey", account: "contoso", endpoint: server.endpoint, key: KEY };
}

function opened(credential: TableCredential) {
  const said: string[] = [];
  const asked: SignInRequest[] = [];
  const signIn = (request: SignInRequest) => {
    asked.push(request);
    return () => "held";
  };
  const store = openOrSignIn(credential, (text) => void said.push(text), signIn);
  stores.push(store);
  return { store, said, asked };
}

async function codeOf(store: Store): Promise<string | undefined> {
  try {
    await store.readPage("Cities", {});
    return undefined;
  } catch (error) {
    if (error instanceof OperationalError) return error.code;
    throw error;
  }
}

describe("an account that refuses keys, opened with one", () => {
  it("is signed in to, said once however many requests meet the refusal, and none of them is lost", async () => {
    const { store, said, asked } = opened(byKey());
    const pages = await Promise.all([1, 2, 3].map(() => store.readPage("Cities", {})));
    expect(pages.map(({ rows }) => rows)).toEqual([[], [], []]);
    expect(await codeOf(store)).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^Account contoso refuses shared keys.*signing in there by Entra ID/)]);
    expect(asked).toEqual([{ account: "contoso", endpoint: server.endpoint, dialect: "storage" }]);
  });

  it("is known by a SAS, too, and on Cosmos DB by what that says", async () => {
    const sas = opened({ kind: "accountSas", account: "contoso", endpoint: server.endpoint, sas: "sp=r&sig=x" });
    expect(await codeOf(sas.store)).toBeUndefined();
    refusal = COSMOS;
    const cosmos = opened({ ...byKey(), dialect: "cosmos" });
    expect(await codeOf(cosmos.store)).toBeUndefined();
    expect(cosmos.asked).toEqual([{ account: "contoso", endpoint: server.endpoint, dialect: "cosmos" }]);
  });

  it("is not asked for ever: who signed in and is refused hears so", async () => {
    for (toSignedIn of [STORAGE, { ...STORAGE, headers: now(), body: STORAGE.body.replace(/KeyB\w+/, "Forbidden") }]) {
      expect(await codeOf(opened(byKey()).store)).toMatch(/KeyBasedAuthenticationNotPermitted|Forbidden/);
    }
  });

  it("passes on why nobody could sign in, and every other refusal as it is", async () => {
    const failing = () => () => {
      throw new OperationalError({ code: "SignInFailed", message: "Cannot sign in." });
    };
    const store = openOrSignIn(byKey(), () => undefined, failing);
    stores.push(store);
    expect(await codeOf(store)).toBe("SignInFailed");
    refusal = { ...STORAGE, headers: now(), body: STORAGE.body.replace(/KeyB\w+/, "AuthenticationFailed") };
    const other = opened(byKey());
    expect(await codeOf(other.store)).toBe("AuthenticationFailed");
    expect(other.said).toEqual([]);
  });

  it("is left alone by a stack, which decides before it opens anything", async () => {
    const store = realPorts.openStore(byKey());
    stores.push(store);
    expect(await codeOf(store)).toBe("KeyBasedAuthenticationNotPermitted");
  });
});
