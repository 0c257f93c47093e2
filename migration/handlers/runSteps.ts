import { OperationalError } from "../engine/errors";
import { withoutProvider, type Handler, type Properties } from "./handler";

/**
 * What a resource that stands for a run does, whatever runs: creating and updating it run, a frozen one keeps what it
 * did and cannot begin (`notYet` says why), reading it asks nobody.
 */
export function runSteps(
  newId: () => string,
  notYet: string,
  run: (id: string, inputs: Properties) => Promise<Properties>,
): Pick<Handler, "create" | "read" | "update"> {
  return {
    async create(inputs) {
      if (inputs["frozen"] === true) throw new OperationalError({ code: "Frozen", message: notYet });
      const id = newId();
      return { id, outs: await run(id, inputs) };
    },
    read: (id, props) => Promise.resolve({ id, props: withoutProvider(props) }),
    async update(id, olds, news) {
      if (news["frozen"] === true) return { outs: { ...withoutProvider(olds), frozen: true } };
      return { outs: await run(id, news) };
    },
  };
}
