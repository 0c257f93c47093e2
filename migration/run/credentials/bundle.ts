import { z } from "zod";

import { isLoopback, type TableCredential } from "../../stores/azureTables/credential";
import { dialectOf } from "../../stores/azureTables/dialect";
import { signInTo } from "../signIn";
import { expectAccount, readEndpoint } from "./endpoint";
import { refuseCredential, shownName } from "./problem";
import type { Reading } from "./problem";
import { readSas } from "./sas";

const bundleSchema = z.object({
  version: z.literal(1),
  account: z.string().min(1),
  endpoint: z.string().min(1),
  /** ISO 8601 in UTC. */
  expiresOn: z.iso.datetime().optional(),
  /** Table name -> SAS. */
  tables: z.record(z.string(), z.string().min(1)).optional(),
  /** For emulators on this machine: other hosts say by their name what they speak. */
  dialect: z.enum(["storage", "cosmos"]).optional(),
  /** Instead of tables: Entra ID, by whoever is signed in where this is used. */
  signIn: z.object({ tenantId: z.string().min(1).optional() }).optional(),
});

const EXPECTED = '{"version": 1, "account": ..., "endpoint": ..., "expiresOn": ..., "tables": {NAME: SAS}}, or with '
  + '"signIn": {"tenantId": ...} instead of expiresOn and tables';

function parseJson(reading: Reading, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is a secret: it is replaced, not passed on.
    return refuseCredential(reading, "BundleInvalid", `the credential bundle is not JSON. Expected ${EXPECTED}.`);
  }
}

/** The JSON bundle that the Pulumi program writes: an endpoint, and a SAS per table. */
export function readBundle(reading: Reading, text: string): TableCredential {
  const parsed = bundleSchema.safeParse(parseJson(reading, text));
  if (!parsed.success) {
    // Only places that the format itself names are shown: anything else may be a secret gone astray.
    const where = parsed.error.issues.map(({ path }) => String(path[0] ?? "the top"));
    refuseCredential(reading, "BundleInvalid",
      `the credential bundle is wrong at ${[...new Set(where)].join(", ")}. Expected ${EXPECTED}.`);
  }
  const { account, endpoint, expiresOn, tables = {}, signIn, dialect: hint } = parsed.data;
  if (expiresOn !== undefined && Date.parse(expiresOn) < reading.nowMs) {
    refuseCredential(reading, "SasExpired",
      `the credential bundle expired at ${new Date(expiresOn).toISOString()}. Run the program that makes it again.`);
  }
  const found = readEndpoint(reading, "the bundle's endpoint", endpoint);
  expectAccount(reading, "the credential bundle", account, found);
  if (found.rest !== "") {
    refuseCredential(reading, "BundleInvalid",
      "the bundle's endpoint holds a path besides the account. Give the account's table endpoint alone.");
  }
  if (hint !== undefined && !isLoopback(new URL(found.endpoint).hostname)) {
    refuseCredential(reading, "BundleInvalid", "dialect is for emulators on this machine. Leave it away.");
  }
  const hinted = hint === undefined ? {} : { dialect: hint };
  const names = Object.keys(tables);
  if (signIn !== undefined) {
    if (names.length > 0) {
      refuseCredential(reading, "BundleInvalid",
        "the credential bundle has both signIn and tables. Leave one of the two away.");
    }
    const { name: dialect } = dialectOf(found.endpoint, hint);
    const { tenantId } = signIn;
    const place = { account, endpoint: found.endpoint };
    const token = signInTo({ ...place, dialect, ...(tenantId === undefined ? {} : { tenantId }) });
    return { kind: "signIn", ...place, token, ...hinted };
  }
  if (names.length === 0) {
    refuseCredential(reading, "BundleInvalid", "the credential bundle holds no table. Run the program that makes it.");
  }
  const bySas = names.map((name) => {
    const facts = readSas(reading, `the SAS of table ${shownName(name)}`, tables[name] ?? "");
    if (facts.kind === "table" && facts.table?.toLowerCase() !== name.toLowerCase()) {
      refuseCredential(reading, "BundleInvalid",
        `the SAS of table ${shownName(name)} is for another one, ${shownName(facts.table ?? "")} (tn). Mint it again.`);
    }
    return [name, facts.sas] as const;
  });
  return { kind: "tableSas", account, endpoint: found.endpoint, tables: new Map(bySas), ...hinted };
}
