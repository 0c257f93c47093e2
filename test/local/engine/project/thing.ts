import { appendFileSync, existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** Inputs that steer the provider: what happens is up to the test. */
export interface ThingArgs {
  readonly [key: string]: unknown;
}

/**
 * Writes every call to the file THINGS_LOG and does what its inputs say: `kind` cannot change in place, `fail` makes a
 * method fail, `partial` makes it fail with a part achieved, `gone` in the file THINGS_GONE makes reads find nothing.
 */
const provider: pulumi.dynamic.ResourceProvider = {
  check: async (olds, news) => {
    const found = Object.keys(olds).length > 0 ? "old" : "new";
    appendFileSync(process.env.THINGS_LOG ?? "", `check ${news.name} ${found}\n`);
    const failures = news.bad === undefined ? [] : [{ property: "bad", reason: "must not be there" }];
    return { inputs: { ...news, checked: true }, failures };
  },
  diff: async (id, olds, news) => {
    appendFileSync(process.env.THINGS_LOG ?? "", `diff ${id} ${olds.serial === undefined ? "" : "outputs"}\n`);
    const replaces = olds.kind === news.kind ? [] : ["kind"];
    const keys = ["size", "secret", "source", "nested", "partial", "fail"];
    const changes = replaces.length > 0 || keys.some((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return { changes, replaces, deleteBeforeReplace: news.deleteFirst === true };
  },
  create: async (inputs) => {
    const id = `${inputs.name}-${String(inputs.kind ?? "plain")}`;
    if (inputs.slowMs !== undefined) await new Promise((wait) => setTimeout(wait, inputs.slowMs));
    appendFileSync(process.env.THINGS_LOG ?? "", `create ${id}\n`);
    if (inputs.fail === "create") throw new Error(`no room for ${inputs.name}`);
    const outs = { ...inputs, serial: `serial of ${id}`, token: `token-of-${id}` };
    if (inputs.partial === true) {
      throw Object.assign(new Error("half done"), { id, properties: outs, reasons: ["first reason", "second reason"] });
    }
    return { id, outs };
  },
  update: async (id, olds, news) => {
    appendFileSync(process.env.THINGS_LOG ?? "", `update ${id}\n`);
    if (news.fail === "update") throw new Error(`cannot change ${id}`);
    return { outs: { ...news, serial: olds.serial, token: olds.token } };
  },
  read: async (id, props) => {
    const gone = existsSync(process.env.THINGS_GONE ?? "");
    appendFileSync(process.env.THINGS_LOG ?? "", `read ${id} ${props?.serial === undefined ? "" : "outputs"}\n`);
    return gone ? { id: "", props: {} } : { id, props: { ...props, size: 99 } };
  },
  delete: async (id, props) => {
    appendFileSync(process.env.THINGS_LOG ?? "", `delete ${id} ${props.serial === undefined ? "" : "outputs"}\n`);
    if (props.fail === "delete") throw new Error(`${id} is in use`);
  },
};

export class Thing extends pulumi.dynamic.Resource {
  declare readonly serial: pulumi.Output<string>;

  constructor(name: string, args: ThingArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { name, serial: undefined, token: undefined, ...args }, opts, "test", "Thing");
  }
}
