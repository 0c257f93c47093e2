import { formatMoney, spanText } from "../../migration/report/reckonedWords";

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
});
