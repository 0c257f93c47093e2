import { settleEach } from "../../migration/engine/together";

describe("working on many, so many at once", () => {
  it("hears everyone out, in their order, and never has more under way", async () => {
    let active = 0;
    let most = 0;
    const settled = await settleEach([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, (active += 1));
      await new Promise((resolve) => setTimeout(resolve, item));
      active -= 1;
      if (item === 4) throw new Error("four");
      return item * 10;
    });
    expect(most).toBe(2);
    expect(settled.map((one) => (one.status === "fulfilled" ? one.value : (one.reason as Error).message)))
      .toEqual([50, 10, "four", 20, 30]);
  });

  it("is over at once where there is nothing", async () => {
    expect(await settleEach([], 4, () => Promise.reject(new Error("never")))).toEqual([]);
  });
});
