/** Microsoft, "Troubleshoot Azure RBAC": a role may take ten minutes until it is known everywhere. */
const TRIES_MAX = 41;
const WAIT_MS = 15_000;

/** How long so many tries wait between them, in minutes; as many as there are at most without a number. */
export function minutesOf(tries = TRIES_MAX): number {
  return ((tries - 1) * WAIT_MS) / 60_000;
}

/** Asks, and asks again every 15 s for ten minutes while the answer `mayPass`; gives the last answer. */
export async function askThroughRoleDelay<T>(
  ask: () => Promise<T>,
  mayPass: (answer: T) => boolean,
  sleep: (ms: number) => Promise<unknown>,
): Promise<T> {
  let answer = await ask();
  for (let tries = 1; tries < TRIES_MAX && mayPass(answer); tries += 1) {
    await sleep(WAIT_MS);
    answer = await ask();
  }
  return answer;
}
