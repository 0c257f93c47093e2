import { z } from "zod";
import type { AccountRef } from "../access/accountRef";
import { connectionStringOf } from "../access/mint";
import { OperationalError } from "../engine/errors";
import type { Report } from "../report/schema";
import type { CredentialText } from "../run/request";
import { accountField } from "./fields";
import type { Properties } from "./handler";
import { selectionOf, type RunHandlerPorts } from "./runs";
import type { TableSummary } from "./tableSummary";

/**
 * What ends a move whose access is closing: by whose authority its journal is written for the last time. The tokens of
 * the move are no longer declared then; what they opened goes when the run is over, after this.
 */
export const closingField = z.object({
  /** The destination. Its key is read by the deployer's own authority, and stays in memory. */
  account: accountField,
  /** Where no key opens it: a bundle that says to sign in, and holds no secret. */
  bundle: z.string().min(1).optional(),
});

type Closing = z.infer<typeof closingField>;

async function credentialOf({ account, bundle }: Closing, ports: RunHandlerPorts): Promise<CredentialText> {
  const origin = "the deployer's own access to the destination";
  if (bundle !== undefined) return { text: bundle, origin };
  const ref = account as AccountRef;
  return { text: await connectionStringOf(ports.open(ref), ref), origin };
}

/** Whether the stack asks for the end, and the journal does not have it yet. */
export function isToBeClosed(olds: Properties, news: Properties): boolean {
  const proven = olds["reachedPhase"] === "drained" && olds["complete"] === true;
  return news["phase"] === "done" && news["frozen"] === true && proven;
}

/**
 * Marks the move as over in its journal, and tells nothing else: report and numbers stay those of the drained source.
 * Throws OperationalError; then access stays as it is, and the next `up` tries again.
 */
export async function closeMove(olds: Properties, news: Properties, ports: RunHandlerPorts): Promise<void> {
  const closing = closingField.safeParse(news["closing"]);
  if (!closing.success) {
    return cannotClose("Nothing says by whose authority the journal is told that the move is over: `closing` has to "
      + "name the destination's account. Access stays open until then.");
  }
  const identity = olds["sourceIdentity"];
  if (typeof identity !== "string") {
    return cannotClose("The last run was that of an earlier release, and left nothing to end the move by. Apply phase "
      + "\"drained\" once more, then \"done\".");
  }
  const summaries = (olds["tableSummaries"] ?? []) as readonly TableSummary[];
  const tables = news["tables"] === "all"
    ? summaries.map(({ table, destinationTable }) => ({ table, destinationTable }))
    : (news["tables"] as Parameters<typeof selectionOf>[0]);
  const { exitCode, error, report } = await ports.execute({
    command: "sync",
    sync: { phase: "done" },
    level: "none",
    source: { identity },
    destination: await credentialOf(closing.data, ports),
    selection: selectionOf(tables),
    deletes: "report",
    conflicts: "refuse",
    notice: ports.say,
  });
  const ended = report?.tables.every(({ sync }) => sync?.phase === "done") ?? false;
  if (exitCode === 0 && ended) return;
  const why = error?.message ?? report?.tables.find((table) => table.error !== undefined)?.error?.message
    ?? `the run ended with exit code ${exitCode}, and ${leftIn(report)}.`;
  const told = `The journal could not be told that the move is over, so access stays open: ${why} Run again.`;
  return cannotClose(told, error?.code);
}

function cannotClose(message: string, code = "CannotClose"): never {
  throw new OperationalError({ code, message });
}

/** Tables that are somewhere else than they were asked to be. */
function leftIn(report: Report | undefined): string {
  if (report === undefined) return "without a report";
  const left = report.tables.flatMap(({ table, sync }) =>
    (sync?.phase === "done" ? [] : [`${table} is ${sync === undefined ? "nowhere" : sync.phase}`]));
  return left.length === 0 ? "no table says why" : left.join(", ");
}
