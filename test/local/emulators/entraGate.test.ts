import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readDataCalls } from "../../../local/emulators/dataCalls";
import { startEntraGate, type EntraGate } from "../../../local/emulators/entraGate";
import { cannedServer, type CannedServer } from "../../stores/azureTables/cannedServer";

const KEY = Buffer.from("a key").toString("base64");
const ROLES = { reading: "reader", writing: "contributor", stranger: undefined } as const;

let folder: string;
let behind: CannedServer;
let gate: EntraGate;
let takesKeys: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "landbridge-gate-"));
  behind = await cannedServer(() => ({ status: 200, body: '{"value":[]}' }));
  takesKeys = false;
  gate = await startEntraGate({
    account: "contoso",
    behind: behind.endpoint,
    key: () => KEY,
    takesKeys: () => takesKeys,
    roleOf: (token) => (token in ROLES ? ROLES[token as keyof typeof ROLES] : "nobody"),
    callsFile: join(folder, "calls.jsonl"),
  });
});

afterEach(async () => {
  await Promise.all([gate.stop(), behind.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function ask(authorization: string, method = "GET") {
  const body = method === "POST" ? '{"PartitionKey":"p","RowKey":"r"}' : null;
  const answer = await fetch(`${gate.endpoint}/Cities${method === "GET" ? "()" : ""}`, {
    method, body, headers: { authorization },
  });
  await answer.text();
  return `${answer.status} ${answer.headers.get("x-ms-error-code") ?? ""}`.trim();
}

describe("the gate of an account that Entra ID opens", () => {
  it("lets roles do what they may, and tells as Azure does what they may not", async () => {
    expect(await ask("Bearer reading")).toBe("200");
    expect(await ask("Bearer reading", "POST")).toBe("403 AuthorizationPermissionMismatch");
    expect(await ask("Bearer writing", "POST")).toBe("200");
    expect(await ask("Bearer stranger")).toBe("403 AuthorizationPermissionMismatch");
    expect(await ask("Bearer forged")).toBe("401 InvalidAuthenticationInfo");
    // What comes through is signed with the account's key: what stands behind knows nothing else.
    expect(behind.received.map(({ headers }) => headers.authorization?.split(":")[0])).toEqual([
      "SharedKeyLite contoso", "SharedKeyLite contoso",
    ]);
  });

  it("takes keys only while the account does, and passes them on as they are", async () => {
    expect(await ask("SharedKeyLite contoso:abc")).toBe("403 KeyBasedAuthenticationNotPermitted");
    takesKeys = true;
    expect(await ask("SharedKeyLite contoso:abc")).toBe("200");
    expect(behind.received[0]?.headers.authorization).toBe("SharedKeyLite contoso:abc");
  });

  it("writes down who asked for what, refusals too", async () => {
    await ask("Bearer reading");
    await ask("Bearer reading", "POST");
    await new Promise((wake) => setTimeout(wake, 100));
    expect(readDataCalls(join(folder, "calls.jsonl"))).toEqual([
      { account: "contoso", table: "Cities", operation: "QueryRows", authority: "bearer", count: 1, status: 200 },
      { account: "contoso", table: "Cities", operation: "InsertRow", authority: "bearer", count: 1, status: 403 },
    ]);
  });
});
