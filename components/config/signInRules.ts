import { part, type Finding, type Written } from "./written";

/** What of a stack goes together with a source that takes no keys, and what does not. */
export interface SourceNeeds {
  readonly allTables: boolean;
  /** A machine that is made copies (`host.kind: vm`). */
  readonly machine: boolean;
  /** A job in Azure copies (`schedule.kind: containerJob`). */
  readonly containerJob: boolean;
}

/**
 * What cannot be where whoever copies signs in to the source, each with the remedy; `why` is what says that they do. A
 * role knows no list of tables to start from, and machines and jobs have an identity of the destination's tenant.
 */
export function refuseSourceSignIn({ allTables, machine, containerJob }: SourceNeeds, why: string): readonly Finding[] {
  const tenant = `copies as an identity of the destination's tenant, and ${why}: it takes one of the source's`;
  const findings: Finding[] = [];
  if (allTables) findings.push(["tables", `"all" needs a key of the source, and ${why}. Name the tables.`]);
  if (machine) findings.push(["host.kind", `vm ${tenant}. Write host.kind ssh, or set runOn to local.`]);
  if (containerJob) findings.push(["schedule.kind", `containerJob ${tenant}. Schedule on a host (systemd, cron).`]);
  return findings;
}

/** Settings of a source or destination that refuses keys, as far as they are written down. */
export function signInIsPossible(written: Written): readonly Finding[] {
  const sides = ["source", "destination"].filter((side) => part(written, side)["sharedKeyAccess"] === false);
  const findings: Finding[] = [];
  if (written["cloud"] === "emulator") {
    const message = "false means Entra ID, which the emulators do not have. Remove it.";
    findings.push(...sides.map((side): Finding => [`${side}.sharedKeyAccess`, message]));
  }
  if (sides.includes("source")) {
    const needs = {
      allTables: written["tables"] === "all",
      // The rules of hosts speak of the machine.
      machine: false,
      containerJob: part(written, "schedule")["kind"] === "containerJob",
    };
    findings.push(...refuseSourceSignIn(needs, "source.sharedKeyAccess is false"));
  }
  const { principalId, sharedKeyAccess } = part(written, "source");
  if (principalId !== undefined && sharedKeyAccess === true) {
    const why = "is for a source that refuses shared keys, and source.sharedKeyAccess is true.";
    const message = `${why} Remove one of the two.`;
    findings.push(["source.principalId", message]);
  }
  return findings;
}
