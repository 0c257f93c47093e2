import { accountIdentity, refuseSameAccount } from "../../migration/run/sameAccount";
import type { TableCredential } from "../../migration/stores/azureTables/credential";

const at = (endpoint: string, account = "contoso"): TableCredential =>
  ({ kind: "accountSas", account, endpoint, sas: "sig=x" });

describe("source and destination", () => {
  const contoso = at("https://contoso.table.core.windows.net");
  it.each([
    ["itself", at("https://contoso.table.core.windows.net")],
    ["itself in capitals", at("https://CONTOSO.table.core.windows.net", "CONTOSO")],
    ["itself with the final dot of DNS", at("https://contoso.table.core.windows.net.")],
    ["its own second copy", at("https://contoso-secondary.table.core.windows.net")],
    ["itself through a private link", at("https://contoso.privatelink.table.core.windows.net")],
    ["itself through a DNS zone", at("https://contoso.z12.table.storage.azure.net")],
  ])("may not be an account and %s", (_, other) => {
    expect(() => refuseSameAccount(contoso, other)).toThrow(/are the same account, .*Give two different accounts/);
  });

  it.each([
    ["another account", at("https://fabrikam.table.core.windows.net", "fabrikam")],
    ["a Cosmos DB account of the same name", at("https://contoso.table.cosmos.azure.com")],
    ["an account of the same name in another cloud", at("https://contoso.table.core.chinacloudapi.cn")],
    ["an emulated one", at("http://127.0.0.1:10002/contoso")],
  ])("may be an account and %s", (_, other) => {
    expect(() => refuseSameAccount(contoso, other)).not.toThrow();
  });

  it("are told apart on loopback by port and account, whatever loopback is called", () => {
    expect(accountIdentity(at("http://localhost:10002/contoso"))).toBe(accountIdentity(at("http://[::1]:10002/contoso")));
    expect(accountIdentity(at("http://127.0.0.1:1/contoso"))).not.toBe(accountIdentity(at("http://127.0.0.1:2/contoso")));
    expect(accountIdentity(at("http://127.0.0.1:1/a", "a"))).not.toBe(accountIdentity(at("http://127.0.0.1:1/b", "b")));
  });
});
