import type * as pulumi from "@pulumi/pulumi";

/** The names of the modules in migration/handlers that shims may call. Frozen: they are stored in state. */
export type HandlerName =
  | "tableSas" | "networkOpening" | "keyRotation" | "tableCopy" | "tableVerification" | "hostReport" | "formerNetwork"
  | "sourceFence" | "hostRun";

/**
 * What Pulumi serialises into state in place of a resource's code. It finds the package from the working directory
 * (in node_modules there or above, else the project itself) and calls the handler of today.
 *
 * `delete` and `read` run the text that an earlier version stored, so this contract is frozen: the package's name,
 * `migration/handlers/load.js`, a function from handler name to handler, the handlers' names and their six methods,
 * called with what Pulumi hands over. test/resources/shims keeps texts of old versions and runs them.
 *
 * Everything a method captures is serialised by value: it must stay plain functions and strings.
 */
export function shim(name: HandlerName): pulumi.dynamic.ResourceProvider {
  // A function expression that captures a string: see above. Names are short because state keeps them.
  const today = () => {
    const load = process.getBuiltinModule("module").createRequire(`${process.cwd()}/_`);
    const file = "migration/handlers/load.js";
    try {
      load.resolve(`landbridge/${file}`);
    } catch {
      return load(`./${file}`)(name);
    }
    return load(`landbridge/${file}`)(name);
  };
  return {
    check: (...a) => today().check(...a),
    diff: (...a) => today().diff(...a),
    create: (...a) => today().create(...a),
    read: (...a) => today().read(...a),
    update: (...a) => today().update(...a),
    delete: (...a) => today().delete(...a),
  };
}
