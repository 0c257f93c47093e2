import { OperationalError } from "../../migration/engine/errors";
import { Gate } from "../../migration/engine/gate";
import { REQUEST_RETRY, retryDelayMs, withRetry } from "../../migration/engine/retry";
import { seededRandom, VirtualClock } from "./virtualClock";

const never = new AbortController().signal;

function busy(retryAfterMs?: number): OperationalError {
  const message = "The server is busy.";
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new OperationalError({ code: "ServerBusy", message, status: 503, retryable: true, throttled: true, ...wait });
}

function setUp(limit: number) {
  const clock = new VirtualClock();
  const gate = new Gate(limit, clock, never, "account contoso");
  return { clock, gate, retrying: { clock, gate, random: seededRandom(1), signal: never } };
}

describe("the gate to an account", () => {
  it("never lets more requests through at once than its limit", async () => {
    const { clock, gate } = setUp(3);
    let most = 0;
    let active = 0;
    const request = async () => {
      active += 1;
      most = Math.max(most, active);
      await clock.sleep(10);
      active -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => gate.run(request)));
    expect(most).toBe(3);
    expect(gate.inFlight).toBe(0);
  });

  it("halves on throttling, says why, and grows back to its limit", async () => {
    const { gate } = setUp(8);
    await expect(gate.run(() => Promise.reject(busy()))).rejects.toThrow("busy");
    expect(gate.throttledReason).toBe("account contoso answered 503 ServerBusy, 4 requests at once");
    for (let at = 0; at < 4 + 5 + 6 + 7 + 1; at += 1) await gate.run(() => Promise.resolve());
    expect(gate.throttledReason).toBeUndefined();
  });

  it("holds everybody back for as long as the service asked", async () => {
    const { clock, gate } = setUp(8);
    await expect(gate.run(() => Promise.reject(busy(3_000)))).rejects.toThrow();
    const beforeMs = clock.now();
    await gate.run(() => Promise.resolve());
    expect(clock.now() - beforeMs).toBeGreaterThanOrEqual(3_000);
  });

  it("frees its place when a request fails or is aborted while it waits", async () => {
    const clock = new VirtualClock();
    const end = new AbortController();
    const gate = new Gate(1, clock, end.signal, "account contoso");
    await expect(gate.run(() => Promise.reject(busy(60_000)))).rejects.toThrow();
    end.abort(new Error("over"));
    await expect(gate.run(() => Promise.resolve())).rejects.toThrow("over");
    expect(gate.inFlight).toBe(0);
  });
});

describe("retrying", () => {
  it("repeats what may succeed later, and waits at least what Retry-After says", async () => {
    const { clock, retrying } = setUp(4);
    const startMs = clock.now();
    let attempts = 0;
    const result = await withRetry(retrying, async () => {
      attempts += 1;
      if (attempts < 4) throw busy(2_000);
      return "done";
    });
    expect(result).toBe("done");
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(6_000);
  });

  it("gives up at the policy's limit, with the last error, on a service that does not answer", async () => {
    const { retrying } = setUp(4);
    let attempts = 0;
    const request = () => {
      attempts += 1;
      return Promise.reject(new OperationalError({ code: "Unreachable", message: "no answer", retryable: true }));
    };
    await expect(withRetry(retrying, request)).rejects.toMatchObject({ code: "Unreachable" });
    expect(attempts).toBe(REQUEST_RETRY.attemptsMax);
  });

  it("does not count refusals for load, however many, but does not wait for ever either", async () => {
    const { clock, retrying } = setUp(4);
    const startMs = clock.now();
    let attempts = 0;
    const recovers = async () => {
      attempts += 1;
      if (clock.now() - startMs < 10 * 60_000) throw busy();
      return "done";
    };
    expect(await withRetry(retrying, recovers)).toBe("done");
    expect(attempts).toBeGreaterThan(REQUEST_RETRY.attemptsMax);
    const againMs = clock.now();
    await expect(withRetry(retrying, () => Promise.reject(busy()))).rejects.toMatchObject({ code: "ServerBusy" });
    expect(clock.now() - againMs).toBeGreaterThanOrEqual(REQUEST_RETRY.patienceMs ?? Infinity);
    expect(clock.now() - againMs).toBeLessThan(2 * (REQUEST_RETRY.patienceMs ?? 0));
  });

  it("does not repeat what cannot succeed, nor a defect", async () => {
    const { retrying } = setUp(4);
    let attempts = 0;
    const refuse = () => {
      attempts += 1;
      return Promise.reject(new OperationalError({ code: "AuthorizationFailure", message: "no" }));
    };
    await expect(withRetry(retrying, refuse)).rejects.toMatchObject({ code: "AuthorizationFailure" });
    expect(attempts).toBe(1);
    await expect(withRetry(retrying, () => Promise.reject(new TypeError("defect")))).rejects.toThrow(TypeError);
  });

  it("stays within its bounds for every attempt", () => {
    for (let attempt = 1; attempt <= 40; attempt += 1) {
      const delayMs = retryDelayMs(REQUEST_RETRY, attempt, () => 0.999);
      expect(delayMs).toBeGreaterThan(0);
      expect(delayMs).toBeLessThanOrEqual(REQUEST_RETRY.delayMsMax);
    }
  });
});
