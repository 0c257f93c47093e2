import { OperationalError } from "../../migration/engine/errors";
import { managementError } from "../../migration/access/managementError";

const action = {
  doing: "list the keys of storage account contoso", right: "Microsoft.Storage/storageAccounts/listKeys/action",
};
const rest = (statusCode: number, code: string, message = "no") =>
  Object.assign(new Error(message), { statusCode, code });

describe("an error of the management API", () => {
  it.each([
    [rest(403, "AuthorizationFailed"), "AuthorizationFailed",
      /^Cannot list the keys of storage account contoso: .*lacks the right Microsoft.*listKeys.*Grant it a role/],
    [rest(404, "ResourceNotFound"), "AccountNotFound", /no such account.*Check subscription, resource group and name/],
    [rest(404, "SubscriptionNotFound"), "SubscriptionNotFound", /does not see that subscription/],
    [rest(409, "TableBeingDeleted"), "TableBeingDeleted", /still going away/],
    [Object.assign(new Error("x"), { code: "ENOTFOUND" }), "ManagementUnreachable", /\(ENOTFOUND\).*proxy/],
    [Object.assign(new Error("x"), { name: "CredentialUnavailableError" }), "SignInFailed", /az login --tenant/],
    [Object.assign(new Error("x"), { name: "AggregateAuthenticationError" }), "SignInFailed", /az login --tenant/],
    [rest(409, "Conflict", "It is locked.\nRequest id: 1"), "ManagementFailed", /409 Conflict It is locked\.+$/],
  ])("says what was tried, why it failed and what to do (%#)", (error, code, text) => {
    const told = managementError(error, action);
    expect(told).toBeInstanceOf(OperationalError);
    expect(told).toMatchObject({ code, message: expect.stringMatching(text) });
  });

  it.each([[429, true], [503, true], [400, false]])("with status %d is worth another try: %s", (status, retryable) => {
    expect(managementError(rest(status, "Busy"), action).retryable).toBe(retryable);
  });

  it("that is told already is not told anew", () => {
    const told = new OperationalError({ code: "X", message: "x" });
    expect(managementError(told, action)).toBe(told);
  });
});
