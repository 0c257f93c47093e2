import * as pulumi from "@pulumi/pulumi";
import { HostReport, HostRun, type TableSummary } from "../migration/resources";
import type { SideAccess } from "./azure/temporaryAccess";
import type { HostConfiguration } from "./config/host";
import type { HostKeys } from "./config/hostSecrets";
import { copyArguments, verifyArguments, type HostMoveSettings } from "./host/arguments";
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
  /** Any new text has the host copy and verify once more. */
  readonly verifyAgain?: string;
}

/** Where the bundle is built, relative to the project. */
const BUNDLE_FOLDER = ".landbridge/host";

/**
 * The copy runs next to the data, on a host that is there already or on a machine that is made for it. It copies and
 * verifies once, and again when what it is told changes, when its last run did not end well, or when `verifyAgain` has
 * a new text: nobody can ask it in a preview whether rows are pending. The step fails unless the host did all of it and
 * proved it.
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
    const told = host.kind === "ssh" ? `${host.user}@${host.address}` : `the machine in ${host.location}`;
    const made = access && this.run(name, args, access);
    const report = new HostReport(
      `${name}-report`,
      {
        steps: ["copy", "verify"],
        outcomes: made === undefined ? [] : [...made.outcomes],
        ...(made !== undefined && { runId: made.runId }),
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

  private run(
    name: string,
    args: MigrationHostArgs,
    access: NonNullable<MigrationHostArgs["access"]>,
  ): { readonly outcomes: readonly pulumi.Output<string>[]; readonly runId: pulumi.Output<string> } {
    const { host, verifyAgain, reportFolder } = args;
    const bundle = buildHostBundle(BUNDLE_FOLDER);
    const isGiven = host.kind === "ssh" && host.credentials === "standardInput";
    const { runId, credentials } = new HostRun(
      `${name}-run`,
      {
        asks: JSON.stringify({ host, sha256: bundle.sha256, told: [copyArguments(args), verifyArguments(args)] }),
        ...(verifyAgain === undefined ? {} : { again: verifyAgain }),
        lastStep: "verify",
        reportFolder,
        ...(isGiven && { source: access.source.bundle, destination: access.destination.bundle }),
      },
      { parent: this },
    );
    if (host.kind === "vm") {
      const { place, secretUris } = args;
      if (place === undefined || secretUris === undefined) {
        throw new pulumi.RunError("host.kind: vm needs the vault with the credentials. Set vault to true.");
      }
      const vm = new VmHost(`${name}-vm`, { ...args, host, place, secretUris, bundle, runId }, { parent: this });
      return { outcomes: vm.outcomes, runId };
    }
    const ssh = new SshHost(`${name}-ssh`, { ...args, host, bundle, runId, credentials }, { parent: this });
    return { outcomes: ssh.outcomes, runId };
  }
}
