import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";
import type { dynamic } from "@pulumi/pulumi";
import type { EngineProvider } from "./provider";
import { toProperties, UNKNOWN, type Properties } from "./value";

const CODE = "__provider";

/** Runs the serialised text as a CommonJS module that lies in the project folder, and takes the provider it makes. */
function load(code: string, projectFolder: string): dynamic.ResourceProvider {
  const file = join(projectFolder, "__provider.js");
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const run = new Script(wrapped, { filename: file }).runInThisContext() as (...args: unknown[]) => void;
  const module = { exports: {} as { handler?: () => dynamic.ResourceProvider } };
  run.call(module.exports, module.exports, createRequire(file), module, file, projectFolder);
  const { handler } = module.exports;
  if (handler === undefined) throw new Error("The serialised provider exports no handler.");
  return handler();
}

/** Outputs always carry the code: delete and read, months later, find nothing else to run. */
function withCode(outputs: unknown, code: Properties[string] | undefined, what: string): Properties {
  return { ...toProperties(outputs, what), [CODE]: code ?? null };
}

/**
 * The provider of all dynamic resources: each brings its code along, in its inputs; for read and delete, in its state.
 * The same code text is loaded once per run, as the real dynamic provider does.
 */
export function dynamicProvider(projectFolder: string): EngineProvider {
  const loaded = new Map<string, dynamic.ResourceProvider>();
  const providerIn = (properties: Properties): dynamic.ResourceProvider => {
    const code = properties[CODE];
    if (typeof code !== "string") {
      const remedy = "a create or update that threw {id, properties} must put __provider into properties";
      throw new Error(`The state of this dynamic resource holds no code to run (${CODE}): ${remedy}.`);
    }
    const known = loaded.get(code) ?? load(code, projectFolder);
    loaded.set(code, known);
    return known;
  };
  const newest = (olds: Properties, news: Properties) => providerIn(news[CODE] === UNKNOWN ? olds : news);
  return {
    check: async (_, olds, news) => {
      const result = await newest(olds, news).check?.(olds, news);
      const inputs = toProperties(result?.inputs ?? news, "The result of check");
      const failures = result?.failures ?? [];
      return { inputs: { ...inputs, [CODE]: news[CODE] ?? null }, failures };
    },
    diff: async (_, id, olds, news) => {
      const result = await newest(olds, news).diff?.(id, olds, news);
      const { changes, replaces = [], deleteBeforeReplace = false } = result ?? {};
      return { ...(changes === undefined ? {} : { changes }), replaces, deleteBeforeReplace };
    },
    create: async (_, inputs) => {
      const { id, outs } = await providerIn(inputs).create(inputs);
      if (typeof id !== "string" || id === "") throw new Error("create returned no id.");
      return { id, outputs: withCode(outs, inputs[CODE], "The result of create") };
    },
    update: async (_, id, olds, news) => {
      const result = await providerIn(news).update?.(id, olds, news);
      return withCode(result?.outs, news[CODE], "The result of update");
    },
    read: async (_, id, outputs) => {
      const provider = providerIn(outputs);
      if (provider.read === undefined) return { id, outputs };
      const result = await provider.read(id, outputs);
      const code = outputs[CODE];
      return {
        ...(result.id === undefined || result.id === "" ? {} : { id: result.id }),
        outputs: withCode(result.props, code, "The result of read"),
        ...(result.inputs === undefined ? {} : { inputs: withCode(result.inputs, code, "The inputs of read") }),
      };
    },
    delete: async (_, id, outputs) => {
      await providerIn(outputs).delete?.(id, outputs);
    },
    invoke: (token) => Promise.reject(new Error(`Dynamic resources have no function ${token}.`)),
  };
}
