import { METERS } from "../../migration/run/prices";

type Price = Record<string, unknown>;

const UNITS: Readonly<Record<string, string>> = {
  egress: "GB", throughput: "100 RU/s hour", storage: "GB month",
};

/** A price file with round numbers, so that sums can be followed; they are nobody's prices. */
export function priceFile(change: (price: Price) => Price | undefined = (one) => one): string {
  const prices = METERS.map((meter) => ({
    meter, amount: 0.5, unit: UNITS[meter.split(".")[1] ?? ""] ?? "10,000 operations",
    currency: "EUR", date: new Date().toISOString().slice(0, 10), source: "a test",
  }));
  return JSON.stringify({ version: 1, prices: prices.map(change).filter((one) => one !== undefined) });
}
