import type { RunContext } from "./context";
import type { LeaseHolder } from "./journal";
import { Gate } from "./gate";
import { withRetry } from "./retry";

/**
 * Asks the run that holds `destinationTable` (or every run that holds a lease in this journal) to stop at its next
 * acknowledged batch. Returns whom it asked; empty when nobody is at work.
 */
export async function requestStop(
  context: Pick<RunContext, "journal" | "clock" | "random" | "signal" | "destination">,
  destinationTable?: string,
): Promise<readonly LeaseHolder[]> {
  const { journal, clock, random, signal, destination } = context;
  const gate = new Gate(1, clock, signal, destination.name);
  return withRetry({ clock, random, signal, gate }, () => journal.requestStop(destinationTable));
}
