import { systemClock } from "../../migration/run/clock";

describe("this machine's clock", () => {
  it("sleeps as long as it is told, and not less", async () => {
    const before = systemClock.now();
    await systemClock.sleep(30);
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(28);
  });

  it("lets many sleep under one signal, without a warning of a leak on the user's screen", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on("warning", listen);
    try {
      const controller = new AbortController();
      await Promise.all(Array.from({ length: 40 }, () => systemClock.sleep(1, controller.signal)));
      await systemClock.sleep(1);
    } finally {
      process.off("warning", listen);
    }
    expect(warnings).toEqual([]);
  });

  it("wakes with the signal's own reason", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const slept = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe(reason);
  });
});
