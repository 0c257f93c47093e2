import * as pulumi from "@pulumi/pulumi";
import { shim, type HandlerName } from "../../migration/resources/shim";

/** Prints every shim as Pulumi would put it into state: `{name: text}`. A process of its own, loaded as users do. */
const NAMES: readonly HandlerName[] = [
  "tableSas", "networkOpening", "keyRotation", "tableCopy", "tableVerification", "hostReport",
  "formerNetwork", "sourceFence", "hostRun",
];

async function main(): Promise<void> {
  const texts: Record<string, string> = {};
  for (const name of NAMES) {
    const provider = shim(name);
    texts[name] = (await pulumi.runtime.serializeFunction(() => provider)).text;
  }
  process.stdout.write(JSON.stringify(texts));
}

void main();
