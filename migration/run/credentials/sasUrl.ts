import type { TableCredential } from "../../stores/azureTables/credential";
import { readEndpoint } from "./endpoint";
import { refuseCredential, shownName } from "./problem";
import type { Reading } from "./problem";
import { readSas } from "./sas";

/** `https://ACCOUNT.table.core.windows.net/?sv=...` (account) or `.../TABLE?sv=...&tn=TABLE&sig=...` (one table). */
export function readSasUrl(reading: Reading, text: string): TableCredential {
  const question = text.indexOf("?");
  if (question < 0) {
    refuseCredential(reading, "SasInvalid",
      "the URL has no shared access signature (?sv=...&sig=...). Copy the whole SAS URL, in quotes, since & ends a " +
      "command in a shell.");
  }
  const { endpoint, account, rest } = readEndpoint(reading, "the SAS URL", text.slice(0, question));
  const facts = readSas(reading, "the SAS", text.slice(question + 1));
  if (facts.kind === "account") {
    if (rest !== "") {
      refuseCredential(reading, "SasInvalid", `the SAS is for the whole account, and its URL ends in ` +
        `${shownName(rest)}. Leave the path away, and name tables with --tables.`);
    }
    return { kind: "accountSas", account, endpoint, sas: facts.sas };
  }
  const table = facts.table ?? "";
  if (rest !== "" && rest.toLowerCase() !== table.toLowerCase()) {
    refuseCredential(reading, "SasInvalid", `the URL names table ${shownName(rest)}, and the SAS is for ` +
      `${shownName(table)} (tn). Copy the URL that belongs to the token.`);
  }
  return { kind: "tableSas", account, endpoint, tables: new Map([[rest === "" ? table : rest, facts.sas]]) };
}
