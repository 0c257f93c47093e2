import { z } from "zod";
import * as fields from "./fields";

/** Where `landbridge sync` runs on a timer, and how often. */
export type ScheduleConfiguration =
  | {
      readonly kind: "containerJob";
      readonly everyMinutes: number;
      readonly lagMinutesMax: number;
      /** With tag or digest: `registry.example/landbridge:1.4.0`. */
      readonly image: string;
      /** A managed environment that is there already; absent: one is made. */
      readonly environmentId?: string;
      /** The subnet of an environment that is made, so that it is let through the accounts' firewalls. */
      readonly subnetId?: string;
      /** A registry that the job's identity signs in to. */
      readonly registry?: string;
      readonly actionGroupIds: readonly string[];
    }
  | {
      readonly kind: "systemd" | "cron";
      readonly everyMinutes: number;
      readonly lagMinutesMax: number;
      /** Where the unit files, or the crontab's, are written as well; below the project. */
      readonly folder?: string;
      /** Where landbridge is on the host that copies. */
      readonly workingFolder: string;
      readonly user: string;
    };

const everyMinutes = fields.field<number>(
  "minutes that divide an hour or a day evenly",
  "Write one of 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440.",
  (value) => [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440].includes(value as number),
);

/** Every key of every kind; the rules refuse what is of another kind. */
export const schedule = z.strictObject({
  kind: fields.choice(["containerJob", "systemd", "cron"], "It says what keeps the time."),
  everyMinutes: everyMinutes.default(15),
  lagMinutesMax: fields.whole(1, 10_080, "More lag than this is told to somebody.").optional(),
  image: fields.text("an image with a tag or a digest", "Write it like registry.example/landbridge:1.4.0.",
    /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+|@sha256:[0-9a-f]{64})$/).optional(),
  environmentId: fields.anyResourceId("a container apps environment's resource id").optional(),
  subnetId: fields.subnetId.optional(),
  registry: fields.text("a registry's host", "Write it like contoso.azurecr.io.", /^[\w.-]+$/).optional(),
  actionGroupIds: fields.list(fields.anyResourceId("an action group's resource id"), "action groups' ids").optional(),
  folder: fields.text(
    "a folder below the project",
    "Write it like .landbridge/schedule.",
    /^(?![/\\]|[A-Za-z]:)(?!.*\.\.)[\w./-]+$/,
  ).optional(),
  workingFolder: fields.text("an absolute path", "Write it like /opt/landbridge.", /^\/[\w./-]+$/).optional(),
  user: fields.text("a user's name", "Write it like landbridge.", /^[a-z_][a-z0-9_-]{0,31}$/).optional(),
});

export const OF_A_CONTAINER_JOB = ["image", "environmentId", "subnetId", "registry", "actionGroupIds"];
export const OF_A_HOST = ["folder", "workingFolder", "user"];

/** The rules have seen to it that nothing is missing. Lag of three runs is told unless something else is said. */
export function toSchedule(written: z.output<typeof schedule>): ScheduleConfiguration {
  const { kind, everyMinutes: minutes, image, environmentId, subnetId, registry, folder } = written;
  const shared = { everyMinutes: minutes, lagMinutesMax: written.lagMinutesMax ?? 3 * minutes };
  if (kind === "containerJob") {
    return {
      kind,
      ...shared,
      image: image ?? "",
      ...(environmentId === undefined ? {} : { environmentId }),
      ...(subnetId === undefined ? {} : { subnetId }),
      ...(registry === undefined ? {} : { registry }),
      actionGroupIds: written.actionGroupIds ?? [],
    };
  }
  const { workingFolder = "/opt/landbridge", user = "landbridge" } = written;
  return { kind, ...shared, ...(folder === undefined ? {} : { folder }), workingFolder, user };
}
