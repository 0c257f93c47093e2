import { quoted } from "./host/scripts";

/** A schedule on the host that copies: files to put there. */
export interface HostScheduleArgs {
  readonly kind: "systemd" | "cron";
  readonly everyMinutes: number;
  /** Arguments of `landbridge`. */
  readonly command: readonly string[];
  /** Where landbridge is, an absolute path. */
  readonly workingFolder: string;
  readonly user: string;
  /** More lag than this is told to somebody, once every run; absent: nothing is followed any more. */
  readonly lagMinutesMax?: number | undefined;
}

/** Where the host keeps the two credentials (readable by root alone, for systemd) and the last run's report. */
const CREDENTIALS = "/etc/landbridge";
const STATE = "/var/lib/landbridge";
const LAST_REPORT = `${STATE}/last.json`;

/** Five fields of cron, for minutes that divide an hour or a day evenly. */
export function cronOf(everyMinutes: number): string {
  if (everyMinutes < 60) return everyMinutes === 1 ? "* * * * *" : `*/${everyMinutes} * * * *`;
  if (everyMinutes === 60) return "0 * * * *";
  return everyMinutes === 1440 ? "0 0 * * *" : `0 */${everyMinutes / 60} * * *`;
}

function calendarOf(everyMinutes: number): string {
  if (everyMinutes < 60) return `*:0/${everyMinutes}`;
  return everyMinutes === 1440 ? "daily" : `*-*-* 0/${everyMinutes / 60}:00:00`;
}

/** Names of tables and properties hold letters, digits and `_`; quoted all the same, since a shell reads them. */
function word(argument: string): string {
  return /^[\w.,=/-]+$/.test(argument) ? argument : quoted(argument);
}

/** In a unit, `%` begins a specifier and `$` a variable. */
function quotedForSystemd(argument: string): string {
  const plain = argument.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w.,=/%-]+$/.test(plain) ? plain : `"${plain.replaceAll("\\", "\\\\").replaceAll('"', String.raw`\"`)}"`;
}

/** Looks at the last report, whatever became of the runs since: they may fail, hang, or not start at all. */
function lagCommand(workingFolder: string, lagMinutesMax: number): readonly string[] {
  const program = `${workingFolder}/bin/landbridge.js`;
  return [program, "report", LAST_REPORT, "--quiet", "--lag-minutes-max", String(lagMinutesMax)];
}

function told(what: string): string {
  return `/usr/bin/logger -t landbridge -p user.alert "${what}"`;
}

/** A timer of its own, so that it speaks up too where the other one does not run. */
function lagUnits(args: HostScheduleArgs): Readonly<Record<string, string>> {
  const { everyMinutes, workingFolder, user, lagMinutesMax } = args;
  if (lagMinutesMax === undefined) return {};
  const unit = (...lines: readonly string[]) => [...lines, ""].join("\n");
  return {
    "landbridge-sync-lag.service": unit(
      "[Unit]",
      `Description=Landbridge: no more than ${lagMinutesMax} minutes of lag`,
      "OnFailure=landbridge-sync-lagging.service",
      "",
      "[Service]",
      "Type=oneshot",
      `User=${user}`,
      `WorkingDirectory=${workingFolder}`,
      `ExecStart=/usr/bin/env node ${lagCommand(workingFolder, lagMinutesMax).map(quotedForSystemd).join(" ")}`,
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "PrivateTmp=yes",
    ),
    "landbridge-sync-lag.timer": unit(
      "[Unit]",
      "Description=Landbridge: look whether it lags",
      "",
      "[Timer]",
      "# The first report is given the time that lag is.",
      `OnActiveSec=${lagMinutesMax}min`,
      `OnUnitActiveSec=${everyMinutes}min`,
      "",
      "[Install]",
      "WantedBy=timers.target",
    ),
    "landbridge-sync-lagging.service": unit(
      "[Unit]",
      "Description=Landbridge: tell that changes in the source pile up",
      "",
      "[Service]",
      "Type=oneshot",
      `ExecStart=${told("sync lags; see journalctl -u landbridge-sync-lag -u landbridge-sync")}`,
    ),
  };
}

function systemd(args: HostScheduleArgs): Readonly<Record<string, string>> {
  const { everyMinutes, command, workingFolder, user } = args;
  const run = [`${workingFolder}/bin/landbridge.js`, ...command, "--report", LAST_REPORT].map(quotedForSystemd);
  return {
    "landbridge-sync.service": [
      "[Unit]",
      "Description=Landbridge: apply what changed in the source",
      "Wants=network-online.target",
      "After=network-online.target",
      "OnFailure=landbridge-sync-failed.service",
      "",
      "[Service]",
      "# A oneshot that still runs is not started again, and the journal's lease refuses a second one on any host.",
      "Type=oneshot",
      `User=${user}`,
      `WorkingDirectory=${workingFolder}`,
      `LoadCredential=source:${CREDENTIALS}/source`,
      `LoadCredential=destination:${CREDENTIALS}/destination`,
      "Environment=LANDBRIDGE_SOURCE_FILE=%d/source LANDBRIDGE_DESTINATION_FILE=%d/destination",
      `ExecStart=/usr/bin/env node ${run.join(" ")}`,
      "StateDirectory=landbridge",
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "PrivateTmp=yes",
      "",
    ].join("\n"),
    "landbridge-sync.timer": [
      "[Unit]",
      `Description=Landbridge: every ${everyMinutes} minutes`,
      "",
      "[Timer]",
      `OnCalendar=${calendarOf(everyMinutes)}`,
      "# After the host was off, one run makes up for all that were missed.",
      "Persistent=yes",
      "",
      "[Install]",
      "WantedBy=timers.target",
      "",
    ].join("\n"),
    "landbridge-sync-failed.service": [
      "[Unit]",
      "Description=Landbridge: tell that a run failed",
      "",
      "[Service]",
      "Type=oneshot",
      `ExecStart=${told("sync failed; see journalctl -u landbridge-sync")}`,
      "",
    ].join("\n"),
    ...lagUnits(args),
  };
}

function cron(args: HostScheduleArgs): Readonly<Record<string, string>> {
  const { everyMinutes, command, workingFolder, user, lagMinutesMax } = args;
  const run = ["node", `${workingFolder}/bin/landbridge.js`, ...command, "--report", LAST_REPORT].map(word).join(" ");
  const files = ["source", "destination"]
    .map((side) => `LANDBRIDGE_${side.toUpperCase()}_FILE=${CREDENTIALS}/${side}`);
  // In a crontab an unescaped % ends the command.
  const line = (work: string, failed: string) => {
    const text = `${work} >> ${STATE}/sync.log 2>&1 || logger -t landbridge -p user.alert "${failed}"`;
    return `${cronOf(everyMinutes)} ${user} cd ${workingFolder} && ${text.replaceAll("%", String.raw`\%`)}`;
  };
  const looked = lagMinutesMax === undefined
    ? []
    : [line(["node", ...lagCommand(workingFolder, lagMinutesMax)].map(word).join(" "), "sync lags")];
  return {
    "landbridge-sync.cron": [
      "# Landbridge: apply what changed in the source. The journal's lease refuses a second run on any host.",
      ...files,
      line(run, "sync failed"),
      ...looked,
      "",
    ].join("\n"),
  };
}

/** File name -> text, for /etc/systemd/system or for /etc/cron.d (there without the ending). */
export function hostSchedule(args: HostScheduleArgs): Readonly<Record<string, string>> {
  return args.kind === "systemd" ? systemd(args) : cron(args);
}
