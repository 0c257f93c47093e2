import * as cosmosdb from "@pulumi/azure-native/cosmosdb";
import * as pulumi from "@pulumi/pulumi";
import { describeAccount, type AccountRef } from "../../migration/access/accountRef";
import { refusePublicAccess } from "./refusePublicAccess";

export interface ExistingCosmosAccountArgs {
  readonly account: AccountRef;
  /** Whether the move is to sign with a key. */
  readonly localAuth: boolean;
  /** Whoever moves is in a network with a private endpoint of it: public access may be disabled. Default false. */
  readonly reachedPrivately?: boolean;
}

/** What the management API says of an account, as far as it matters before access is made. */
export interface CosmosFacts {
  readonly capabilities?: readonly { readonly name?: string | undefined }[] | undefined;
  readonly disableLocalAuth?: boolean | undefined;
  readonly publicNetworkAccess?: string | undefined;
}

/** The capability that makes an account one for tables; it is chosen once, when the account is made. */
export const TABLE_CAPABILITY = "EnableTable";

/** What stands in the way of a move, each with its remedy; empty where nothing does. */
export function refuseCosmosAccount(args: ExistingCosmosAccountArgs, facts: CosmosFacts): readonly string[] {
  const reasons: string[] = [];
  if (!(facts.capabilities ?? []).some(({ name }) => name === TABLE_CAPABILITY)) {
    reasons.push("it is for another API than Table, which cannot be changed: name an account for Table, or a new one");
  }
  if (args.localAuth && facts.disableLocalAuth === true) {
    reasons.push("it refuses keys (disableLocalAuth): set destination.localAuth to false and use Entra ID");
  }
  reasons.push(...refusePublicAccess(facts, args.reachedPrivately ?? false));
  return reasons.map((reason) => `The ${describeAccount(args.account)} cannot be used: ${reason}.`);
}

/** An account that is there already: looked up through its side's provider, and neither changed nor managed. */
export class ExistingCosmosAccount extends pulumi.ComponentResource {
  /** Known in previews too; fails with a remedy where the account cannot be used. */
  readonly account: pulumi.Output<AccountRef>;
  /** Its resource id. */
  readonly accountId: pulumi.Output<string>;

  constructor(name: string, args: ExistingCosmosAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:ExistingCosmosAccount", name, {}, opts);
    const { account, resourceGroup } = args.account;
    const found = cosmosdb
      .getDatabaseAccountOutput({ accountName: account, resourceGroupName: resourceGroup }, { parent: this })
      .apply((facts) => {
        const reasons = refuseCosmosAccount(args, facts);
        if (reasons.length > 0) throw new pulumi.RunError(reasons.join("\n"));
        return facts;
      });
    this.account = found.apply(() => args.account);
    this.accountId = found.apply(({ id }) => id);
    this.registerOutputs({ account: this.account, accountId: this.accountId });
  }
}
