import { roleWriters } from "../../migration/access/roleWriters";
import { CONTOSO } from "./world";

const ENTITIES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities";
const SCOPE = `/subscriptions/${CONTOSO.subscriptionId}/resourceGroups/data/providers/Microsoft.Storage`
  + `/storageAccounts/${CONTOSO.account}`;

/** Role -> what it allows on data, and what it takes back. */
const ROLES: Readonly<Record<string, readonly { dataActions?: string[]; notDataActions?: string[] }[]>> = {
  "/roles/all": [{ dataActions: ["Microsoft.Storage/storageAccounts/tableServices/*"] }],
  "/roles/insert": [{}, { dataActions: [`${ENTITIES}/ADD/action`] }],
  "/roles/reader": [{ dataActions: [`${ENTITIES}/read`] }],
  "/roles/takenBack": [{ dataActions: ["*"], notDataActions: [`${ENTITIES}/*`] }],
  "/roles/owner": [{}],
};

function assigned(...ids: string[]) {
  return ids.map((roleDefinitionId, at) => ({ properties: { roleDefinitionId, principalId: `p${at}` } }));
}

function arm(pages: readonly object[]) {
  const asked: string[] = [];
  const call = (_method: string, path: string) => {
    asked.push(path);
    const page = /[?]page=(\d)/.exec(path)?.[1] ?? "0";
    if (path.startsWith(SCOPE)) return Promise.resolve(pages[Number(page)]);
    return Promise.resolve({ properties: { roleName: path, permissions: ROLES[path] } });
  };
  return { asked, call };
}

describe("who writes by a role", () => {
  it("is whoever has a role with any of the writing actions, wildcards and any casing included", async () => {
    const rest = arm([{ value: assigned(...Object.keys(ROLES), "/roles/all") }]);
    const found = await roleWriters(rest, CONTOSO);
    expect(found.map(({ principalId, role }) => `${principalId} ${role}`))
      .toEqual(["p0 /roles/all", "p1 /roles/insert", "p5 /roles/all"]);
    expect(rest.asked.filter((path) => path === "/roles/all")).toHaveLength(1);
  });

  it("is on every page of the list", async () => {
    const link = `https://management.azure.com${SCOPE}/providers/Microsoft.Authorization/roleAssignments`;
    const rest = arm([
      { value: assigned("/roles/reader"), nextLink: `${link}?page=1&api-version=2022-04-01` },
      { value: assigned("/roles/insert"), nextLink: null },
    ]);
    expect(await roleWriters(rest, CONTOSO)).toHaveLength(1);
    expect(rest.asked[1]).toMatch(/roleAssignments[?]page=1$/);
  });

  it("is not known without the right to look", async () => {
    const call = () => Promise.reject(Object.assign(new Error("no"), { statusCode: 403, code: "AuthorizationFailed" }));
    await expect(roleWriters({ call }, CONTOSO)).rejects.toMatchObject({
      code: "AuthorizationFailed", message: expect.stringMatching(/Microsoft\.Authorization\/roleAssignments\/read/),
    });
  });
});
