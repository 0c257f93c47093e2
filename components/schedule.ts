import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { containerJob, lagQuery } from "./azure/containerJob";
import type { ScheduleConfiguration } from "./config/schedule";
import { hostSchedule } from "./hostSchedule";
import { refuseForSync, syncArguments, type SyncCommandArgs } from "./syncCommand";

/** What a job in Azure needs besides; a host has its own. */
export interface ScheduleInAzure {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  readonly identity: { readonly id: pulumi.Input<string>; readonly clientId: pulumi.Input<string> };
  readonly secretUris: pulumi.Input<Readonly<Record<string, string>>>;
  readonly workspaceId: pulumi.Input<string>;
}

export interface ScheduleArgs {
  readonly schedule: ScheduleConfiguration;
  readonly sync: SyncCommandArgs;
  /** Needed for a containerJob. */
  readonly inAzure?: ScheduleInAzure | undefined;
}

/**
 * Runs `landbridge sync` on a timer. One run at a time: no kind starts a second one beside the first, and the lease in
 * the journal refuses it wherever it was started. It is temporary: a stack whose phase is done has none.
 */
export class Schedule extends pulumi.ComponentResource {
  /** Of a host: file name -> text. Empty for a containerJob. */
  readonly files: Readonly<Record<string, string>>;
  /** Where the last result and the lag are to be seen, for people. */
  readonly look: string;

  constructor(name: string, args: ScheduleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:index:Schedule", name, {}, opts);
    const { schedule, sync } = args;
    const reasons = refuseForSync(sync.tables);
    if (reasons.length > 0) {
      const remedy = "Remove them from the configuration, or leave the schedule out and run `pulumi up` on a timer.";
      throw new pulumi.RunError(`schedule: landbridge sync cannot be told that ${reasons.join("; ")}. ${remedy}`);
    }
    const command = syncArguments(sync);
    // Once the application moved and the source is to be shown quiet, nothing is followed any more: no lag is told.
    const follows = sync.phases.phase === "sync" || sync.phases.phase === "switched";
    const lagMinutesMax = follows ? schedule.lagMinutesMax : undefined;
    if (schedule.kind === "containerJob") {
      if (args.inAzure === undefined) {
        throw new pulumi.RunError("schedule: a containerJob needs the vault with its credentials. Set vault to true.");
      }
      containerJob(name, { ...schedule, ...args.inAzure, command, lagMinutesMax }, { parent: this });
      this.files = {};
      this.look = `az containerapp job execution list --name landbridge-sync; in the workspace:\n${lagQuery()}`;
    } else {
      this.files = hostSchedule({ ...schedule, command, lagMinutesMax });
      this.look = "/var/lib/landbridge/last.json on the host (landbridge report), and there: "
        + (schedule.kind === "systemd" ? "journalctl -u landbridge-sync" : "/var/lib/landbridge/sync.log");
      // A preview writes nothing.
      if (schedule.folder !== undefined && !pulumi.runtime.isDryRun()) writeFiles(schedule.folder, this.files);
    }
    this.registerOutputs({ files: this.files, look: this.look });
  }
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}
