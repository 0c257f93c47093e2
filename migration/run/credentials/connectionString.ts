import { isLoopback, type TableCredential } from "../../stores/azureTables/credential";
import { expectAccount, isAddress, readEndpoint } from "./endpoint";
import type { AccountEndpoint } from "./endpoint";
import { refuseCredential, shownName } from "./problem";
import type { Reading } from "./problem";
import { readSas } from "./sas";

/** Parts that concern tables. */
const USED = [
  "DefaultEndpointsProtocol", "AccountName", "AccountKey", "EndpointSuffix", "TableEndpoint",
  "SharedAccessSignature", "UseDevelopmentStorage", "Dialect",
] as const;
/** Parts that a portal's string also holds, and that tables do not need. */
const IGNORED = [
  "BlobEndpoint", "QueueEndpoint", "FileEndpoint", "DfsEndpoint", "WebEndpoint", "TableSecondaryEndpoint",
  "BlobSecondaryEndpoint", "QueueSecondaryEndpoint", "FileSecondaryEndpoint",
] as const;

type Part = (typeof USED)[number];
type Parts = ReadonlyMap<Part, string>;

/** The account, port and (public, documented) key that every emulator of Azure Storage comes with. */
const DEVELOPMENT: TableCredential = {
  kind: "sharedKey",
  account: "devstoreaccount1",
  endpoint: "http://127.0.0.1:10002/devstoreaccount1",
  key: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
};

function splitParts(reading: Reading, text: string): Parts {
  const parts = new Map<Part, string>();
  const pieces = text.split(";").map((piece) => piece.trim()).filter((piece) => piece !== "");
  pieces.forEach((piece, index) => {
    const equals = piece.indexOf("=");
    const name = equals < 0 ? "" : piece.slice(0, equals).trim().toLowerCase();
    if (IGNORED.some((ignored) => ignored.toLowerCase() === name)) return;
    const part = USED.find((used) => used.toLowerCase() === name);
    if (part === undefined) {
      // Not quoted: a key pasted alone looks like a part's name.
      refuseCredential(reading, "ConnectionStringInvalid", `part ${index + 1} of the connection string is none that ` +
        `is known (${USED.join(", ")}). Copy the string whole, as NAME=VALUE;NAME=VALUE, and in quotes.`);
    }
    if (parts.has(part)) {
      refuseCredential(reading, "ConnectionStringInvalid", `${part} stands twice in the connection string. Keep one.`);
    }
    parts.set(part, piece.slice(equals + 1).trim());
  });
  return parts;
}

/** Base64, whole: a key that lost its end would sign wrongly, and the service would only say "forbidden". */
function checkKey(reading: Reading, key: string): void {
  const whole = key !== "" && key.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(key);
  if (whole) return;
  refuseCredential(reading, "AccountKeyInvalid", `AccountKey is not whole base64 (it has ${key.length} characters; ` +
    "base64 comes in fours, of letters, digits, + and /, and = at the end). Copy it again from the portal.");
}

function endpointOf(reading: Reading, parts: Parts): AccountEndpoint {
  const given = parts.get("TableEndpoint");
  const name = parts.get("AccountName");
  if (given !== undefined) {
    const found = readEndpoint(reading, "TableEndpoint", given);
    if (found.rest !== "") {
      refuseCredential(reading, "EndpointInvalid",
        "TableEndpoint holds a path besides the account. Give the account's table endpoint alone.");
    }
    return found;
  }
  if (name === undefined || name === "") {
    refuseCredential(reading, "ConnectionStringInvalid",
      "the connection string names no account: AccountName or TableEndpoint is missing. Copy it whole.");
  }
  if (!/^[a-z0-9]{3,24}$/.test(name)) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "AccountName is no storage account's name (3 to 24 lower-case letters and digits). Copy it again.");
  }
  const suffix = parts.get("EndpointSuffix") ?? "core.windows.net";
  if (!/^[A-Za-z0-9.-]+$/.test(suffix)) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "EndpointSuffix is no domain. Leave it away, or give one such as core.windows.net.");
  }
  const protocol = parts.get("DefaultEndpointsProtocol") ?? "https";
  if (protocol !== "https" && protocol !== "http") {
    refuseCredential(reading, "ConnectionStringInvalid", "DefaultEndpointsProtocol must be https.");
  }
  return readEndpoint(reading, "DefaultEndpointsProtocol", `${protocol}://${name}.table.${suffix}`);
}

/** A custom domain hides the account's name: there, and only there, AccountName says more than the endpoint. */
function accountOf(reading: Reading, name: string | undefined, found: AccountEndpoint): string {
  const { hostname } = new URL(found.endpoint);
  const custom = !isAddress(hostname) && !hostname.includes(".table.");
  if (!custom) {
    if (name !== undefined) expectAccount(reading, "the connection string", name, found);
    return found.account;
  }
  if (name === undefined || shownName(name) !== name) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "with a TableEndpoint of your own domain, AccountName must say the storage account's name. Add it.");
  }
  return name;
}

/** `Dialect=cosmos` says of an address on this machine what its host's name does not. */
function dialectOf(reading: Reading, dialect: string | undefined, { endpoint }: AccountEndpoint): Hinted {
  if (dialect === undefined) return {};
  if (dialect !== "cosmos" && dialect !== "storage") {
    refuseCredential(reading, "ConnectionStringInvalid", "Dialect is storage or cosmos. Leave it away otherwise.");
  }
  if (!isLoopback(new URL(endpoint).hostname)) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "Dialect is for emulators on this machine: other hosts say by their name what they speak. Leave it away.");
  }
  return { dialect };
}

type Hinted = Pick<TableCredential, "dialect">;

function withSas(reading: Reading, account: string, endpoint: string, token: string): TableCredential {
  const facts = readSas(reading, "SharedAccessSignature", token);
  return facts.kind === "account"
    ? { kind: "accountSas", account, endpoint, sas: facts.sas }
    : { kind: "tableSas", account, endpoint, tables: new Map([[facts.table ?? "", facts.sas]]) };
}

/** `DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...;EndpointSuffix=...` and its relatives. */
export function readConnectionString(reading: Reading, text: string): TableCredential {
  const parts = splitParts(reading, text);
  const development = parts.get("UseDevelopmentStorage");
  if (development !== undefined) {
    if (development.toLowerCase() === "true" && parts.size === 1) return DEVELOPMENT;
    refuseCredential(reading, "ConnectionStringInvalid",
      "UseDevelopmentStorage stands alone and is true, or is left away.");
  }
  const found = endpointOf(reading, parts);
  const { endpoint } = found;
  const account = accountOf(reading, parts.get("AccountName"), found);
  const key = parts.get("AccountKey");
  const sas = parts.get("SharedAccessSignature");
  if (key !== undefined && sas !== undefined) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "AccountKey and SharedAccessSignature are both there. Keep the one that is meant.");
  }
  const hinted = dialectOf(reading, parts.get("Dialect"), found);
  if (sas !== undefined) return { ...withSas(reading, account, endpoint, sas), ...hinted };
  if (key === undefined) {
    refuseCredential(reading, "ConnectionStringInvalid",
      "the connection string holds neither AccountKey nor SharedAccessSignature. Copy it whole, and in quotes, since " +
      "; ends a command in a shell.");
  }
  checkKey(reading, key);
  return { kind: "sharedKey", account, endpoint, key, ...hinted };
}
