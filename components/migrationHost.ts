import * as pulumi from "@pulumi/pulumi";
import { HostReport, type TableSummary } from "../migration/resources";
import type { SideAccess } from "./azure/temporaryAccess";
import type { HostConfiguration } from "./config/host";
import type { HostKeys } from "./config/hostSecrets";
import type { HostMoveSettings } from "./host/arguments";
import { buildHostBundle } from "./host/bundle";
import { SshHost } from "./host/sshHost";
import { VmHost, type VmPlace } from "./host/vmHost";

export interface MigrationHostArgs extends HostMoveSettings {
  readonly host: HostConfiguration;
  readonly keys: HostKeys;
  /** Absent once access is closed: then there is no host any more, and what it brought back stays. */
  readonly access: { readonly source: SideAccess; readonly destination: SideAccess } | undefined;
  /** Side -> address of the vault's secret. */
  readonly secretUris: pulumi.Input<Readonly<Record<string, string>>> | undefined;
  /** The vault with the readers' roles on it; absent: there is none. */
  readonly vault?: pulumi.Resource | undefined;
  /** Where a machine is made; needed with kind vm while access is open. */
  readonly place?: VmPlace | undefined;
  /** Where reports go, relative to the project. */
  readonly reportFolder: string;
  /** What reports are signed with: a Key Vault key's address, or the path of a private key, relative to the project. */
  readonly signingKey?: string;
}

/** Where the bundle is built, relative to the project. */
const BUNDLE_FOLDER = ".landbridge/host";

/**
 * The copy runs next to the data, on a host that is there already or on a machine that is made for it.
 * Each `up` has it copy and verify anew (a host cannot be asked in a preview what is pending); where nothing changed,
 * nothing is written. The step fails unless the host did all of it and proved it.
 */
export class MigrationHost extends pulumi.ComponentResource {
  readonly summary: pulumi.Output<string>;
  readonly verdict: pulumi.Output<string>;
  readonly tables: pulumi.Output<TableSummary[]>;
  /** Relative to the project. */
  readonly reportPath: pulumi.Output<string>;
  /** ISO 8601. */
  readonly verifiedAt: pulumi.Output<string>;

  constructor(name: string, args: MigrationHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:index:MigrationHost", name, {}, opts);
    const { host, access, verification, reportFolder } = args;
    const runId = new Date().toISOString().replaceAll(/[-:.]/g, "");
    const told = host.kind === "ssh" ? `${host.user}@${host.address}` : `the machine in ${host.location}`;
    const report = new HostReport(
      `${name}-report`,
      {
        steps: ["copy", "verify"],
        outcomes: access === undefined ? [] : [...this.outcomes(name, args, access, runId)],
        ...(access === undefined ? {} : { runId }),
        level: verification,
        tables: args.tables === "all" ? access?.source.tables ?? "all" : args.tables.map(({ table }) => table),
        frozen: access === undefined,
        reportFolder,
        ...(args.signingKey === undefined ? {} : { signingKey: args.signingKey }),
        host: told,
        ...(args.place === undefined ? {} : { tenantId: args.place.tenantId }),
      },
      { parent: this },
    );
    this.summary = report.summary;
    this.verdict = report.verdict;
    this.tables = report.tableSummaries;
    this.reportPath = report.reportPath;
    this.verifiedAt = report.verifiedAt;
    this.registerOutputs({ summary: this.summary, verdict: this.verdict, reportPath: this.reportPath });
  }

  private outcomes(
    name: string,
    args: MigrationHostArgs,
    access: NonNullable<MigrationHostArgs["access"]>,
    runId: string,
  ): readonly pulumi.Output<string>[] {
    const { host } = args;
    const bundle = buildHostBundle(BUNDLE_FOLDER);
    const credentials = { source: access.source.bundle, destination: access.destination.bundle };
    if (host.kind === "vm") {
      const { place, secretUris } = args;
      if (place === undefined || secretUris === undefined) {
        throw new pulumi.RunError("host.kind: vm needs the vault with the credentials. Set vault to true.");
      }
      return new VmHost(`${name}-vm`, { ...args, host, place, secretUris, bundle, runId }, { parent: this }).outcomes;
    }
    return new SshHost(`${name}-ssh`, { ...args, host, bundle, runId, credentials }, { parent: this }).outcomes;
  }
}
