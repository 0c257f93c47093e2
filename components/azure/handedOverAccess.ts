import * as pulumi from "@pulumi/pulumi";
import { probeBundle } from "../../migration/access/probe";
import type { TableInput } from "../../migration/resources";

export interface HandedOverAccessArgs {
  /** The account the credential must be for. */
  readonly accountName: string;
  /** A credential bundle or a SAS URL. Secret. */
  readonly credential: pulumi.Input<string>;
  /** What will be moved with it. */
  readonly tables: "all" | readonly TableInput[];
}

/** What a probe found, without the credential. */
export interface HandedOverFacts {
  readonly account: string;
  readonly tables: readonly string[];
  readonly rights: string;
  readonly expiresOn: string;
  readonly problems: readonly string[];
}
