import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Scenario } from "./scenario";
import { Thing } from "./thing";

/** Declares whatever the scenario says, so that tests are data. */
const scenario = JSON.parse(readFileSync(process.env.SCENARIO ?? "", "utf8")) as Scenario;
const config = new pulumi.Config();
const made = new Map<string, pulumi.Resource>();

for (const thing of scenario.things) {
  const { name, parent, dependsOn = [], from, secret, inputs = {}, component, additional, ...options } = thing;
  const opts: pulumi.CustomResourceOptions = {
    ...options,
    ...(parent === undefined ? {} : { parent: made.get(parent) }),
    ...(additional === undefined ? {} : { additionalSecretOutputs: additional }),
    dependsOn: dependsOn.flatMap((each) => made.get(each) ?? []),
  };
  if (component === true) {
    made.set(name, new pulumi.ComponentResource("test:index:Group", name, {}, opts));
    continue;
  }
  const source = from === undefined ? undefined : (made.get(from) as Thing).serial;
  const args = {
    ...inputs,
    ...(secret === undefined ? {} : { secret: pulumi.secret(secret) }),
    ...(source === undefined ? {} : { source }),
  };
  made.set(name, new Thing(name, args, opts));
}

if (scenario.print !== undefined) process.stdout.write(`${scenario.print}\n`);
if (scenario.throws !== undefined) throw new pulumi.RunError(scenario.throws);
if (scenario.breaks !== undefined) throw new TypeError(scenario.breaks);

const things = [...made.values()].filter((each) => each instanceof Thing);
export const serials = pulumi.all(things.map(({ serial }) => serial));
export const never = scenario.hangs === true ? new Promise<string>(() => undefined) : "no";
export const greeting = config.require("greeting");
export const settings = config.requireObject<object>("settings");
export const password = config.getSecret("password") ?? "none";
