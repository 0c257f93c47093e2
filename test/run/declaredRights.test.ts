import { missingRights } from "../../migration/run/declaredRights";
import type { TableCredential } from "../../migration/stores/azureTables/credential";

function accountSas(fields: string): TableCredential {
  return { kind: "accountSas", account: "fabrikam", endpoint: "https://fabrikam.table.core.windows.net", sas: fields };
}

describe("what an account SAS says of itself", () => {
  it("is enough where it covers entities and tables", () => {
    expect(missingRights(accountSas("ss=t&srt=co&sp=rwdlacu&sig=x"), ["Cities"])).toEqual([]);
    expect(missingRights(accountSas("ss=bt&srt=sco&sp=rcdau&sig=x"), [])).toEqual([]);
  });

  it.each([
    ["ss=t&srt=co&sp=rl", ["to add entities (a)", "to update entities (u)", "to delete entities (d)", "create tables"]],
    ["ss=t&srt=o&sp=rwdlacu", ["srt=c"]],
    ["ss=b&srt=co&sp=rwdlacu", ["ss=t"]],
    ["ss=t&srt=co&sp=rlau", ["to delete entities (d)", "to create tables (c)"]],
  ])("lacks what a copy needs: %s", (fields, wanted) => {
    const [finding] = missingRights(accountSas(`${fields}&sig=c2VjcmV0`), ["Cities"]);
    expect(finding).toMatchObject({ severity: "error", code: "RightsMissing", side: "destination" });
    for (const words of wanted) expect(finding?.message).toContain(words);
    expect(finding?.message).not.toContain("c2VjcmV0");
  });

  it("concerns no other credential", () => {
    const key: TableCredential = { kind: "sharedKey", account: "fabrikam", endpoint: "https://x", key: "a2V5" };
    expect(missingRights(key, ["Cities"])).toEqual([]);
  });
});
