/** The application as a process of its own: options, then orders, over the channel to whoever forked it. */
import { Application, type ApplicationOptions } from "./application";
import type { Place } from "./applicationLog";

/** What the process is told. */
export type Order =
  | { readonly do: "start"; readonly options: ApplicationOptions }
  | { readonly do: "move"; readonly to: Place }
  | { readonly do: "stop" };

/** What it answers. */
export type Answer = { readonly ok: true } | { readonly ok: false; readonly error: string };

let application: Application | undefined;

async function carryOut(order: Order): Promise<void> {
  if (order.do === "start") {
    application = new Application(order.options);
    application.start();
  } else if (application === undefined) throw new Error(`The application was not started before "${order.do}".`);
  else if (order.do === "move") application.moveTo(order.to);
  else await application.stop();
}

process.on("message", (order: Order) => {
  carryOut(order).then(
    () => process.send?.({ ok: true } satisfies Answer),
    (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
  );
});
process.once("disconnect", () => process.exit(0));
