import { OperationalError } from "../errors";
import type { TableRecord } from "../journal";
import type { TableSettings } from "../settings";
import { type Phase, PHASES } from "./syncRecord";

/** What is to be done before a phase, where a table has not come there yet. */
const FIRST: Readonly<Record<Phase, string>> = {
  sync: "",
  switched: "Bring it into sync first: apply phase \"sync\", and run it until it ends without conflicts.",
  drained: "Apply phase \"switched\" first, then move the application to the destination.",
  done: "Apply phase \"drained\" first: it shows that nobody writes the source any more, and verifies.",
};

const BACK =
  "A phase does not come back, because the application may have written the destination meanwhile: a copy of the old " +
  "source would undo that. To go back, point the application at the source again after a reverse sync (source and " +
  "destination exchanged; docs/zero-downtime.md, \"Going back\").";

const CAME_LATER =
  "A table that came later catches up in runs of its own, and is left out of the others' meanwhile. If this one was " +
  "further before, its journal is lost: see docs/zero-downtime.md, \"When it is refused\", before anything else.";

function refuse(message: string): never {
  throw new OperationalError({ code: "PhaseMove", message });
}

type Named = Pick<TableSettings, "table" | "destinationTable">;

/** The phase that the journal knows; undefined where the table is no live move yet. */
export function phaseOf(record: TableRecord | undefined): Phase | undefined {
  return record?.sync?.phase;
}

/**
 * The journal decides what may come next, whatever the configuration says. `mapping` is that of the configuration.
 * Throws `PhaseMove`.
 */
export function checkMove(record: TableRecord | undefined, wanted: Phase, mapping: string, { table }: Named): void {
  const now = phaseOf(record);
  const from = now === undefined ? -1 : PHASES.indexOf(now);
  const to = PHASES.indexOf(wanted);
  const stands = now === undefined ? "in no phase yet" : `in phase "${now}"`;
  const told = `Table "${table}" is ${stands} by the journal, and phase "${wanted}" was asked for.`;
  if (to < from) refuse(`${told} ${BACK} To go on, ask for "${now}".`);
  const next = PHASES[from + 1];
  if (now === undefined && wanted !== "sync") refuse(`${told} ${FIRST[wanted]} Next comes "sync". ${CAME_LATER}`);
  if (to > from + 1) refuse(`${told} ${FIRST[wanted]} Next comes "${next}".`);
  if (wanted === "switched" && now === "sync" && record?.sync?.watermarkMs === undefined) {
    refuse(`${told} No pass over it went through without conflicts yet. ${FIRST.switched}`);
  }
  if (from > 0 && record?.mapping !== mapping) {
    refuse(
      `${told} Since the switch its mode, filter and renames must stay as they were: ${record?.mapping}, and now ` +
        `they are ${mapping}. Put them back.`,
    );
  }
}

/** A copy makes the destination as the source is. After the switch that would undo what the application wrote. */
export function refuseCopyAfterSwitch(record: TableRecord | undefined, { table, destinationTable }: Named): void {
  const phase = phaseOf(record);
  if (phase === undefined || phase === "sync") return;
  refuse(
    `Table "${table}" is in phase "${phase}": the application writes "${destinationTable}" of the destination now, ` +
      "and a copy could overwrite it with older rows. Use landbridge sync with this phase, or verify, which writes " +
      "nothing.",
  );
}
