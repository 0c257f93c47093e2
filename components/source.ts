import * as pulumi from "@pulumi/pulumi";
import { ExistingAccount } from "./azure/existingAccount";
import { lookAtAccount, sayWhoDecided, signsIn, tableEndpoint, type AccountFacts } from "./azure/sharedKeys";
import { sideProvider } from "./azure/sideProvider";
import type { SignIn } from "./azure/signInAccess";
import type { SourceAccount } from "./azure/temporaryAccess";
import type { ManagedSource, StackConfiguration } from "./config";
import type { HostConfiguration } from "./config/host";
import type { ScheduleConfiguration } from "./config/schedule";
import { refuseSourceSignIn } from "./config/signInRules";

type Settings = Pick<StackConfiguration, "tables" | "temporaryAccess"> & {
  readonly host: HostConfiguration | undefined;
  readonly schedule: ScheduleConfiguration | undefined;
};

/** Throws `RunError` where it turns out that whoever copies signs in, and the stack needs a key. */
function checkNeeds({ tables, host, schedule }: Settings, why: string): void {
  const needs = {
    allTables: tables === "all", machine: host?.kind === "vm", containerJob: schedule?.kind === "containerJob",
  };
  const findings = refuseSourceSignIn(needs, why);
  if (findings.length === 0) return;
  throw new pulumi.RunError(findings.map(([path, message]) => `landbridge:migration.${path}: ${message}`).join("\n"));
}

function asksToSignIn(credential: string): boolean {
  return /^\s*\{/.test(credential) && /"signIn"\s*:/.test(credential);
}

/** How the source is opened without a key; undefined where it takes keys. */
async function signInTo(source: ManagedSource, facts: AccountFacts, settings: Settings): Promise<SignIn | undefined> {
  const { account, sharedKeyAccess, principalId } = source;
  if (!signsIn(sharedKeyAccess, facts)) {
    if (principalId !== undefined) {
      await pulumi.log.info("source.principalId has no effect: the source takes keys, and no role is needed.");
    }
    return undefined;
  }
  checkNeeds(settings, "the source refuses shared keys (allowSharedKeyAccess is false)");
  await sayWhoDecided("source", account, sharedKeyAccess);
  const endpoint = tableEndpoint(account.account, facts);
  return { names: account, endpoint, ...(principalId === undefined ? {} : { principalId }) };
}

/**
 * The source, looked at: whether a key opens it or a role is another resource, so that is known before either is
 * declared. Nothing is asked of a source once access is closed, or where its owner handed over a credential. Throws
 * `RunError`.
 */
export async function declareSource(
  name: string,
  source: StackConfiguration["source"],
  settings: Settings,
): Promise<SourceAccount> {
  if (source.kind === "handedOver") {
    const credential = source.credential.apply((text) => {
      const why = "the bundle that was handed over says to sign in";
      if (asksToSignIn(text)) checkNeeds({ ...settings, tables: [] }, why);
      return text;
    });
    return { ...source, credential };
  }
  const { account: names, keyName } = source;
  if (settings.temporaryAccess === "closed") return { account: names, keyName };
  const provider = sideProvider(name, names);
  const facts = await lookAtAccount(names, { provider });
  const signIn = await signInTo(source, facts, settings);
  const { account } = new ExistingAccount(name, { account: names, facts, signIn: signIn !== undefined }, { provider });
  return { account, keyName, provider, ...(signIn && { signIn }) };
}
