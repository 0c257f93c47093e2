import { write } from "../output";

let step = 0;

/** A heading: what is about to be shown. */
export function heading(text: string): void {
  step += 1;
  write("");
  write(`━━ ${step}. ${text}`);
}

/** What happened, in a sentence. */
export function say(text: string): void {
  write(text);
}

/** What must hold for the demo to go on; a demo that shows something else than it says is worth nothing. */
export function expectThat(condition: boolean, what: string, seen: unknown): asserts condition {
  if (condition) return;
  throw new Error(`The demo expected that ${what}, but saw: ${JSON.stringify(seen)}`);
}
