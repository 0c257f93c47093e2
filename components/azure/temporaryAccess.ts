import * as pulumi from "@pulumi/pulumi";
import type { KeyName } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import type { TableInput } from "../../migration/resources";
import type { AccessTerms } from "./accessTerms";
import { AccountAccess } from "./accountAccess";
import { CosmosAccess, type CosmosAccessArgs, type CosmosTarget } from "./cosmosAccess";
import type { Fence } from "./fence";
import { HandedOverAccess } from "./handedOverAccess";
import { SignInAccess, type SignIn } from "./signInAccess";

/** An account whose access is ours to give and to take. */
export interface ManagedAccount {
  readonly account: pulumi.Input<AccountRef>;
  /** The key that signs, and that is regenerated when access goes. Default key2. */
  readonly keyName?: KeyName;
  /** Only private endpoints lead to it: its firewall has nothing to open, and no token can name an address. */
  readonly reachedPrivately?: boolean;
  /** It refuses shared keys: whoever copies signs in. */
  readonly signIn?: SignIn;
  /** Identities besides the deployer's that run the move, by name: object ids. */
  readonly runners?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Of the account's side: roles are resources there. */
  readonly provider?: pulumi.ProviderResource;
}

/** An account whose owner handed over a credential: nothing on it is touched. */
export interface HandedOverAccount {
  readonly accountName: string;
  /** A credential bundle or a SAS URL. Secret. */
  readonly credential: pulumi.Input<string>;
}

export type SourceAccount = ManagedAccount | HandedOverAccount;

export type DestinationAccount = ManagedAccount | CosmosTarget;

export function isCosmosTarget(destination: DestinationAccount): destination is CosmosTarget {
  return "accountId" in destination;
}

export function isHandedOver(source: SourceAccount): source is HandedOverAccount {
  return "credential" in source;
}

export interface TemporaryAccessArgs {
  readonly source: SourceAccount;
  readonly destination: DestinationAccount;
  readonly tables: "all" | readonly TableInput[];
  readonly terms: AccessTerms;
  /** What shuts writers out of the source, where it is to be shut. */
  readonly fence?: Fence;
}

/** What one side gives, whoever gave it. */
export interface SideAccess {
  /** Secret. */
  readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  readonly expiresOn: pulumi.Output<string>;
  /** Source tables, in the source; destination tables, in the destination. */
  readonly tables: pulumi.Output<string[]>;
  /** What may be done with it, and until when, in words. */
  readonly grant: pulumi.Output<string>;
}

/** Access to both sides, for as long as the move takes. Whatever it makes is gone when it is deleted. */
export class TemporaryAccess extends pulumi.ComponentResource {
  readonly source: SideAccess;
  readonly destination: SideAccess;
  /** When the first of the two expires, ISO 8601. */
  readonly expiresOn: pulumi.Output<string>;
  /** Which keys die with the access: `key2 of contosotables`, ... Known in previews. */
  readonly rotates: pulumi.Output<string[]>;

  constructor(name: string, args: TemporaryAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:TemporaryAccess", name, {}, opts);
    const { source, terms } = args;
    const from = isHandedOver(source)
      ? new HandedOverAccess(`${name}-source`, { ...source, tables: args.tables }, { parent: this })
      : this.toStorage(`${name}-source`, source, "source", terms, sourceTables(args.tables), args.fence);
    const { destination } = args;
    const own = destination.reachedPrivately === true ? inPrivate(terms) : terms;
    const there = destinationTables(args.tables, from.tables);
    const to = isCosmosTarget(destination)
      ? this.toCosmos(`${name}-destination`, destination, { ...destination, terms: own, tables: there })
      : this.toStorage(`${name}-destination`, destination, "destination", own, there);
    const { bundle, tables, grant } = from;
    // A credential that does not say when it expires is of use no longer than the other side's.
    const expiries = pulumi.all([from.expiresOn, to.expiresOn]);
    const expiresOn = expiries.apply(([own, other]) => (Number.isNaN(Date.parse(own)) ? other : own));
    this.source = { bundle, tables, grant, expiresOn };
    this.destination = to;
    this.expiresOn = pulumi.all([expiresOn, to.expiresOn]).apply(earlier);
    const rotating = from instanceof HandedOverAccess ? [to.rotates] : [from.rotates, to.rotates];
    // Where Entra ID opens the account, no key does.
    this.rotates = pulumi.all(rotating).apply((keys) => keys.filter((key) => key !== ""));
    this.registerOutputs({ expiresOn: this.expiresOn, rotates: this.rotates });
  }

  /** By tokens that a key signs or, where the account refuses them, by a role. */
  private toStorage(
    name: string,
    { account, keyName, provider, runners, signIn }: ManagedAccount,
    purpose: "source" | "destination",
    terms: AccessTerms,
    tables: pulumi.Input<"all" | pulumi.Input<string>[]>,
    fence?: Fence,
  ): AccountAccess | SignInAccess {
    const behind = fence === undefined ? {} : { fence };
    if (signIn === undefined) {
      const key = keyName === undefined ? {} : { keyName };
      return new AccountAccess(name, { account, ...key, purpose, tables, terms, ...behind }, { parent: this });
    }
    const named = pulumi.output(tables).apply((all) => (all === "all" ? [] : all));
    const args = { ...signIn, account, purpose, tables: named, terms, ...behind, ...(runners && { runners }) };
    return new SignInAccess(name, args, { parent: this, ...(provider && { provider }) });
  }

  /** Its roles are resources of the destination's side. */
  private toCosmos(name: string, { provider }: CosmosTarget, args: CosmosAccessArgs): CosmosAccess {
    return new CosmosAccess(name, args, { parent: this, ...(provider === undefined ? {} : { provider }) });
  }
}

/** A firewall asks where public traffic comes from, and a token bound to an address does: there is none of either. */
function inPrivate({ lifetimeHours, policyId }: AccessTerms): AccessTerms {
  return { lifetimeHours, policyId };
}

export function sourceTables(tables: TemporaryAccessArgs["tables"]): "all" | string[] {
  return tables === "all" ? "all" : tables.map(({ table }) => table);
}

function destinationTables(
  tables: TemporaryAccessArgs["tables"],
  found: pulumi.Output<string[]>,
): pulumi.Input<string[]> {
  return tables === "all" ? found : tables.map(({ table, destinationTable }) => destinationTable ?? table);
}

/** The one that is a date, where the other is in words. */
function earlier([a, b]: readonly [string, string]): string {
  if (Number.isNaN(Date.parse(a)) || Number.isNaN(Date.parse(b))) return Number.isNaN(Date.parse(a)) ? b : a;
  return Date.parse(a) <= Date.parse(b) ? a : b;
}
