import type { VerifyLevel } from "../../migration/engine/settings";
import type { TableInput } from "../../migration/resources";
import { tableArguments } from "../tableArguments";

/** What a host is told of a move. */
export interface HostMoveSettings {
  readonly tables: "all" | readonly TableInput[];
  readonly deletes: "report" | "propagate" | "accept";
  readonly conflicts: "refuse" | "overwrite";
  readonly verification: VerifyLevel;
  readonly sampleRows: number;
  readonly concurrency?: number;
}

/** What tables, and under which names. */
function selection({ tables, concurrency }: HostMoveSettings): readonly string[] {
  return [
    ...tableArguments(tables),
    ...(concurrency === undefined ? [] : ["--concurrency", String(concurrency)]),
  ];
}

/** Arguments of `landbridge copy`, which leaves the proof to the `verify` that follows. Holds no secret. */
export function copyArguments(settings: HostMoveSettings): readonly string[] {
  const { deletes, conflicts } = settings;
  return ["copy", ...selection(settings), "--verify", "none", "--deletes", deletes, "--conflicts", conflicts];
}

/** Arguments of `landbridge verify`. Holds no secret. */
export function verifyArguments(settings: HostMoveSettings): readonly string[] {
  const { deletes, verification, sampleRows } = settings;
  return [
    ...["verify", ...selection(settings), "--verify", verification],
    ...(verification === "sample" ? ["--sample-rows", String(sampleRows)] : []),
    // What was to be deleted is gone by now; whatever is left counts as a difference.
    ...["--deletes", deletes === "accept" ? "accept" : "report"],
  ];
}
