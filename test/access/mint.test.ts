import type { AccountManagement } from "../../migration/access/accountManagement";
import { connectionStringOf } from "../../migration/access/mint";
import { dialectOf } from "../../migration/stores/azureTables/dialect";
import { parseCredential } from "../../migration/run/credentials";

const key = Buffer.from("k".repeat(64)).toString("base64");
const endpoint = "http://127.0.0.1:10002/fabrikam";

function management(tableEndpoint: string): AccountManagement {
  const keys = [{ keyName: "key2", value: "other" }, { keyName: "key1", value: key }];
  const asked = { listKeys: () => Promise.resolve(keys), tableEndpoint: () => Promise.resolve(tableEndpoint) };
  return { account: "fabrikam", ...asked } as unknown as AccountManagement;
}

describe("a connection string of an account's own key", () => {
  it.each([
    ["an emulated Cosmos DB account", { service: "cosmos", kind: "emulator" }, endpoint, "cosmos"],
    ["an emulated storage account", { kind: "emulator" }, endpoint, "storage"],
    ["a Cosmos DB account", { service: "cosmos", kind: "azure" }, "https://fabrikam.table.cosmos.azure.com", "cosmos"],
    ["a storage account", { kind: "azure" }, "https://fabrikam.table.core.windows.net", "storage"],
  ] as const)("says what %s speaks, wherever it stands", async (_, ref, at, dialect) => {
    const text = await connectionStringOf(management(at), ref);
    const credential = parseCredential(text, "destination");
    if (credential.kind !== "sharedKey") throw new Error(credential.kind);
    expect(credential).toMatchObject({ account: "fabrikam", key });
    expect(dialectOf(credential.endpoint, credential.dialect).name).toBe(dialect);
  });
});
