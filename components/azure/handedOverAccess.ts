import * as pulumi from "@pulumi/pulumi";
import { probeBundle, type ProbeResult } from "../../migration/handlers/probe";
import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { TableInput } from "../../migration/resources";
import { countTables } from "./accessTerms";

export interface HandedOverAccessArgs {
  /** The account the credential must be for. */
  readonly accountName: string;
  /** A credential bundle, with a SAS per table or with `signIn`, or a SAS URL. Secret. */
  readonly credential: pulumi.Input<string>;
  /** What will be moved with it. */
  readonly tables: "all" | readonly TableInput[];
}

/** Why the credential is of no use for this move, each with the remedy; empty where it is. */
export function refuseCredential(
  facts: ProbeResult,
  args: Omit<HandedOverAccessArgs, "credential">,
): readonly string[] {
  const reasons: string[] = [];
  if (facts.account !== args.accountName) {
    reasons.push(`It is for account ${facts.account}, not ${args.accountName}: correct source.account, or ask again.`);
  }
  const opened = new Set(facts.tables.map((table) => table.toLowerCase()));
  const wanted = args.tables === "all" ? [] : args.tables.map(({ table }) => table);
  const closed = wanted.filter((table) => !opened.has(table.toLowerCase()));
  if (closed.length > 0) {
    reasons.push(`It does not open ${closed.join(", ")}: ask the owner for these tables too, or leave them out.`);
  }
  return reasons;
}

async function probe(text: string, tables: HandedOverAccessArgs["tables"]): Promise<ProbeResult> {
  try {
    return await probeBundle(text, tables === "all" ? tables : tables.map(({ table }) => table));
  } catch (error) {
    // Its message has the remedy and no secret; a stack would only hide it.
    if (error instanceof OperationalError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/**
 * Access that the account's owner handed over: looked at, shown, and otherwise left alone. It is a SAS, or an endpoint
 * to sign in to with the role that the owner gave.
 */
export class HandedOverAccess extends pulumi.ComponentResource {
  /** The credential as it was handed over. Secret. */
  readonly bundle: pulumi.Output<string>;
  /** ISO 8601, or in words where the credential does not say. */
  readonly expiresOn: pulumi.Output<string>;
  readonly tables: pulumi.Output<string[]>;
  /** What may be done, and until when, in words. */
  readonly grant: pulumi.Output<string>;

  constructor(name: string, args: HandedOverAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:HandedOverAccess", name, {}, opts);
    const credential = pulumi.secret(args.credential);
    // The probe's result holds no secret; only what went in does.
    const facts = pulumi.unsecret(credential.apply((text) => probe(text, args.tables))).apply((found) => {
      const reasons = refuseCredential(found, args);
      if (reasons.length === 0) return found;
      throw new pulumi.RunError(`The credential that was handed over cannot be used. ${reasons.join(" ")}`);
    });
    this.bundle = credential;
    this.expiresOn = facts.apply(({ expiresOn }) => expiresOn);
    this.tables = facts.apply(({ tables }) => tables.filter((table) => table.toLowerCase() !== JOURNAL_TABLE));
    this.grant = facts.apply(({ rights, tables, expiresOn, problems }) => {
      return [`${rights} on ${countTables(tables)}, expires: ${expiresOn}`, ...problems].join(". ");
    });
    const { bundle, expiresOn, tables, grant } = this;
    this.registerOutputs({ bundle, expiresOn, tables, grant });
  }
}
