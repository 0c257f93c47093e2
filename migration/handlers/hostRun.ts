import { readFile } from "node:fs/promises";
import { z } from "zod";
import { failuresIn, parseInputs } from "./fields";
import { plain, same, withoutProvider, type Handler, type Properties } from "./handler";
import { accessPorts } from "./ports";
import { newRunId, reportFileOf, type RunHandlerPorts } from "./runs";
import { holdsUnknown } from "./unknown";

const fields = {
  /** All that the host is told, as text: another one is another run. */
  asks: z.string().min(1),
  /** Any new text asks for another run; without one nothing is asked. */
  again: z.string().optional(),
  /** The last step of a run. Its report says what came of it. */
  lastStep: z.enum(["verify"]),
  reportFolder: z.string().min(1),
  source: z.string().optional(),
  destination: z.string().optional(),
};

/**
 * Whether the report of that run is here, and says that it ended in another way than it should have. On another machine
 * it is not here: then its HostReport, whose state tells, asks for the trigger.
 */
async function endedBadly({ reportFolder, runId, lastStep }: Properties): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(reportFileOf(String(reportFolder), String(runId), String(lastStep)), "utf8");
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
  try {
    const { verdict } = JSON.parse(text) as { readonly verdict?: unknown };
    return verdict !== "equal";
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

/**
 * Decides when a host is to run (again), and with which credentials. Its outputs stay what they are until it is: then
 * whatever is made from them does not change either, and nothing runs. Renewed credentials alone are no reason.
 */
export function hostRunHandler(ports: Pick<RunHandlerPorts, "clock">): Handler {
  function begin(news: Properties): Properties {
    const { source = "", destination = "", ...told } = parseInputs(fields, news);
    return plain({ ...told, runId: newRunId(ports.clock), credentials: JSON.stringify({ source, destination }) });
  }

  return {
    check: (_olds, news) => Promise.resolve({ inputs: news, failures: failuresIn(fields, news) }),
    async diff(_id, olds, news) {
      if (holdsUnknown(news["asks"]) || !same(olds["asks"], news["asks"])) return { changes: true };
      if (news["again"] !== undefined && !same(olds["again"], news["again"])) return { changes: true };
      return { changes: await endedBadly(olds) };
    },
    create: async (inputs) => {
      const outs = begin(inputs);
      return await Promise.resolve({ id: `host-run-${String(outs["runId"])}`, outs });
    },
    read: (id, props) => Promise.resolve({ id, props: withoutProvider(props) }),
    update: async (_id, _olds, news) => await Promise.resolve({ outs: begin(news) }),
    // A decision has nothing to take back.
    delete: () => Promise.resolve(),
  };
}

export const { check, diff, create, read, update, delete: remove } = hostRunHandler(accessPorts);
export { remove as delete };
