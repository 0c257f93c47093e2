import { Command, InvalidArgumentError, Option } from "commander";
import type { Client } from "./client";

export const PARTS = ["copy", "verify", "growth", "hot", "uneven", "backfill"] as const;
export type Part = (typeof PARTS)[number];

const CONTENDERS = ["pythonTutorial", "sdkTutorial", "sdkTuned", "landbridge"] as const;
const SHAPES = ["batchable", "scattered"] as const;

/** What is measured, and how thoroughly. */
export interface Settings {
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** Rows that landbridge copies and verifies; the others take as many at most, or fewer. */
  readonly rows: number;
  readonly shapes: readonly (typeof SHAPES)[number][];
  readonly latenciesMs: readonly number[];
  /** Absent: all. */
  readonly contenders?: readonly string[];
  /** Absent: there is no Python, or it was not wanted. */
  readonly python?: Client;
  /** Rows of the growth part. */
  readonly growthRows: readonly number[];
  /** Rows of the hot partition, and of the uneven tables together. */
  readonly hotRows: number;
  readonly unevenRows: number;
  /** Rows of the table that is followed. */
  readonly backfillRows: number;
}

export interface BenchOptions {
  readonly only?: readonly Part[];
  readonly rounds: number;
  readonly rows: number;
  readonly shapes?: readonly (typeof SHAPES)[number][];
  readonly latencies?: readonly number[];
  readonly contenders?: readonly string[];
  readonly python: boolean;
  readonly growth?: readonly number[];
  readonly hotRows: number;
  readonly unevenRows: number;
  readonly backfillRows: number;
  readonly json?: string;
  readonly write?: string;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("Expected a whole number from 1 up.");
  return value;
}

function list<T extends string>(known: readonly T[]): (text: string) => readonly T[] {
  return (text) =>
    text.split(",").map((word) => {
      const found = known.find((one) => one === word.trim());
      if (found === undefined) throw new InvalidArgumentError(`Expected some of ${known.join(", ")}.`);
      return found;
    });
}

function numbers(text: string): readonly number[] {
  const values = text.split(",").map(Number);
  if (values.some((value) => !Number.isInteger(value) || value < 0)) {
    throw new InvalidArgumentError("Expected whole numbers, separated by commas.");
  }
  return values;
}

export function readOptions(args: readonly string[]): BenchOptions {
  return new Command("bench")
    .description("measures landbridge beside the official SDKs, on the simulated service")
    .option("--only <parts>", `some of ${PARTS.join(", ")}`, list(PARTS))
    .option("--rounds <n>", "rounds of everything that is repeated", wholeNumber, 5)
    .option("--rows <n>", "rows that landbridge copies and verifies", wholeNumber, 200_000)
    .option("--shapes <names>", `some of ${SHAPES.join(", ")}`, list(SHAPES))
    .option("--latencies <ms>", "of the server, separated by commas", numbers)
    .option("--contenders <names>", `some of ${CONTENDERS.join(", ")}`, list(CONTENDERS))
    .option("--no-python", "leave the Python SDK out")
    .option("--growth <rows>", "sizes of the growth part, separated by commas", numbers)
    .option("--hot-rows <n>", "rows of the hot partition", wholeNumber, 20_000)
    .option("--uneven-rows <n>", "rows of the uneven tables together", wholeNumber, 300_000)
    .option("--backfill-rows <n>", "rows of the table that is followed", wholeNumber, 1_000_000)
    .option("--json <file>", "where the numbers go")
    .addOption(new Option("--write <file.md>", "replace the tables between this page's markers"))
    .parse(args, { from: "user" })
    .opts<BenchOptions>();
}
