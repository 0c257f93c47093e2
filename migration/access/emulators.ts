import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { OperationalError } from "../engine/errors";

/** Where the emulators that run on this machine are found: written by local/emulators, read by handlers. */
const schema = z.object({
  /** The stand-in of the management API. */
  management: z.url(),
  /** The certificate (PEM) that it serves and that only its clients trust. */
  certificate: z.string().min(1),
  accounts: z.record(z.string(), z.object({ tableEndpoint: z.url() })),
});

export type Emulators = Readonly<z.infer<typeof schema>>;

/** The emulators' addresses change with every start, so they are looked up at run time and never kept in state. */
export function readEmulators(): Emulators {
  const file = process.env.LANDBRIDGE_EMULATORS ?? join(process.cwd(), ".landbridge", "emulators.json");
  const fail = (what: string, cause: unknown): never => {
    const remedy = "Start the emulators, or point LANDBRIDGE_EMULATORS at the file that they wrote.";
    throw new OperationalError({ code: "EmulatorsNotRunning", message: `${what} ${file}. ${remedy}`, cause });
  };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    return fail("The account is emulated, but no emulators were found: cannot read", cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    return fail("The account is emulated, but this file does not say where the emulators are:", cause);
  }
}
