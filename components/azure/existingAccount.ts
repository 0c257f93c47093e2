import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";
import { describeAccount, type AccountRef } from "../../migration/access/accountRef";
import { refusePublicAccess } from "./refusePublicAccess";
import type { AccountFacts } from "./sharedKeys";

export interface ExistingAccountArgs {
  readonly account: AccountRef;
  /**
   * Whoever moves is in a network with a private endpoint of it: public access may be disabled. Absent for a source,
   * which has no such setting.
   */
  readonly reachedPrivately?: boolean;
  /** Whoever moves signs in, and needs no key. Default false. */
  readonly signIn?: boolean;
  /** What a look at it showed before; by default it is looked at here. */
  readonly facts?: AccountFacts;
}

/** Kinds of account that serve tables; the premium kinds for blobs and files do not. */
const WITH_TABLES = ["Storage", "StorageV2"];

/** What stands in the way of a temporary access, each with its remedy; empty where nothing does. */
export function refuseAccount(
  { account, reachedPrivately, signIn = false }: ExistingAccountArgs,
  facts: AccountFacts,
): readonly string[] {
  const reasons: string[] = [];
  if (!WITH_TABLES.includes(facts.kind)) {
    reasons.push(`it is of kind ${facts.kind}, which has no tables: name an account of kind StorageV2`);
  }
  if (facts.allowSharedKeyAccess === false && !signIn) {
    reasons.push("it refuses shared keys, and with them every SAS (allowSharedKeyAccess is false), and its side says "
      + "sharedKeyAccess: true. Remove that setting, or set it to false, and the move signs in by Entra ID");
  }
  reasons.push(...refusePublicAccess(facts, reachedPrivately));
  return reasons.map((reason) => `The ${describeAccount(account)} cannot be used: ${reason}.`);
}

/** An account that is there already: looked up through its side's provider, and neither changed nor managed. */
export class ExistingAccount extends pulumi.ComponentResource {
  /** Known in previews too; fails with a remedy where the account cannot be used. */
  readonly account: pulumi.Output<AccountRef>;

  constructor(name: string, args: ExistingAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:ExistingAccount", name, {}, opts);
    const { account, resourceGroup } = args.account;
    const names = { accountName: account, resourceGroupName: resourceGroup };
    const found: pulumi.Output<AccountFacts> = args.facts === undefined
      ? storage.getStorageAccountOutput(names, { parent: this })
      : pulumi.output(args.facts);
    this.account = found.apply((facts) => {
      const reasons = refuseAccount(args, facts);
      if (reasons.length > 0) throw new pulumi.RunError(reasons.join("\n"));
      return args.account;
    });
    this.registerOutputs({ account: this.account });
  }
}
