import { OperationalError } from "../engine/errors";
import { isLoopback } from "../stores/azureTables/credential";
import { forEachTable } from "./forEachTable";
import type { AccessPorts } from "./ports";
import type { TokenAnswer } from "./tryToken";

/** A stored access policy takes up to 30 s to act, and 403 is the answer until then; the rest is for slow clocks. */
const USABLE_MS_MAX = 60_000;
const PAUSE_MS_MAX = 3_000;

/** Answers that say "not from where you are": the token may be good all the same. */
const FROM_ELSEWHERE: Readonly<Record<string, string>> = {
  AuthorizationSourceIPMismatch: "the token is bound to other addresses",
  AuthorizationFailure: "the account's firewall does not let this machine in",
};

/**
 * Waits until every token works. What cannot be tried from this machine is said, not refused: the copy may run
 * elsewhere. Throws `TokenRefused`.
 */
export async function waitUntilUsable(
  name: string,
  endpoint: string,
  tokens: Readonly<Record<string, string>>,
  ports: AccessPorts,
): Promise<void> {
  const untilMs = ports.clock.now() + USABLE_MS_MAX;
  const answers = await forEachTable(Object.entries(tokens), async ([table, sas]) => ({
    table,
    answer: await untilAnswered(() => ports.tryToken(endpoint, `${table}()`, sas), untilMs, ports),
  }));
  const strict = isLoopback(new URL(endpoint).hostname);
  const refused = answers.filter(({ answer }) => !isGood(answer));
  for (const { table, answer } of refused) {
    const elsewhere = strict ? undefined : FROM_ELSEWHERE[answer.code];
    if (elsewhere === undefined) throw tokenRefused(name, table, answer);
  }
  const first = refused[0];
  if (first !== undefined) {
    const tables = refused.map(({ table }) => table).join(", ");
    ports.say(`The tokens for ${tables} of ${name} cannot be tried from here: ${FROM_ELSEWHERE[first.answer.code]}.`);
  }
}

/** Asks again until the answer is good or time is up; gives the last answer. Unreachable is tried again, too. */
export async function untilAnswered(
  ask: () => Promise<TokenAnswer>,
  untilMs: number,
  ports: Pick<AccessPorts, "clock">,
  good: (answer: TokenAnswer) => boolean = isGood,
): Promise<TokenAnswer> {
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    const late = ports.clock.now() >= untilMs;
    try {
      const answer = await ask();
      if (late || good(answer)) return answer;
    } catch (error) {
      if (late || !(error instanceof OperationalError && error.retryable)) throw error;
    }
    await ports.clock.sleep(pauseMs);
  }
}

function isGood(answer: TokenAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function tokenRefused(name: string, table: string, answer: TokenAnswer): OperationalError {
  const said = `${answer.status} ${answer.code}`.trim();
  const message = `The new token for table ${table} of ${name} does not work: the service keeps answering ${said}. `
    + "Run the same command again in a minute; if it stays so, see whether the key was changed meanwhile.";
  return new OperationalError({ code: "TokenRefused", message, status: answer.status });
}
