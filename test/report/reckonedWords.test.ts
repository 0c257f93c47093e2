import { costText, formatMoney, spanText } from "../../migration/report/reckonedWords";

describe("numbers that lie between two", () => {
  it.each([
    [{ low: 1, high: 1 }, "1.00 EUR"],
    [{ low: 1.001, high: 1.001 }, "1.00 EUR"],
    [{ low: 1.001, high: 1.004 }, "about 1.00 EUR"],
    [{ low: 1.001, high: 1.01 }, "1.00 EUR to 1.01 EUR"],
    [{ low: 1.001 }, "at least 1.00 EUR"],
  ])("are never told as a fact, nor a fact as a range: %j", (span, told) => {
    expect(spanText(span, (amount) => formatMoney(amount, "EUR"))).toBe(told);
  });

  it("are of one currency in a cost", () => {
    expect(costText({ total: { low: 0.0004, high: 2 }, currency: "CHF" })).toBe("0.00040 CHF to 2.00 CHF");
  });
});
