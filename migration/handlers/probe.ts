import { probeCredential, type ProbePorts, type ProbeResult } from "../access/probe";
import { parseCredential } from "../run/credentials";

export type { ProbeResult } from "../access/probe";

/**
 * Looks at a credential that a source's owner handed over (bundle, SAS URL or connection string): what it says of
 * itself, and whether each table can be read with it; `wanted` are those of a bundle that names none and says to sign
 * in. It only reads, at most one row a table: nothing is touched. Throws what `parseCredential` throws, and
 * `Unreachable`.
 */
export async function probeBundle(
  text: string,
  wanted: "all" | readonly string[],
  ports: ProbePorts = {},
): Promise<ProbeResult> {
  const credential = parseCredential(text, "source", { origin: "the credential that was handed over" });
  const found = await probeCredential(credential, wanted, ports);
  const bundled = /"expiresOn"\s*:\s*"([0-9TZ:.+-]+)"/.exec(text)?.[1];
  return { ...found, expiresOn: earlier(found.expiresOn, bundled) };
}

/** What the bundle says of its expiry counts where its tokens leave it to a policy, or end later. */
function earlier(tokens: string, bundled: string | undefined): string {
  if (bundled === undefined || Number.isNaN(Date.parse(bundled))) return tokens;
  const written = new Date(bundled).toISOString();
  return Number.isNaN(Date.parse(tokens)) || Date.parse(bundled) < Date.parse(tokens) ? written : tokens;
}
