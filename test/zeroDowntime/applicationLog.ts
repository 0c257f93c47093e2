import { appendFileSync, readFileSync } from "node:fs";

/** Where the application wrote. */
export type Place = "source" | "destination";

/** One change that a service acknowledged to the application. */
export interface Logged {
  /** Counts the changes of one application process, from 1. */
  readonly number: number;
  readonly place: Place;
  readonly what: "insert" | "update" | "delete";
  readonly partitionKey: string;
  readonly rowKey: string;
  /** What the row held from then on; absent for a delete. */
  readonly value?: string;
}

export function appendLogged(file: string, logged: Logged): void {
  appendFileSync(file, `${JSON.stringify(logged)}\n`);
}

/** A log that does not exist yet is one without lines. Throws where a line cannot be read. */
export function readLog(file: string): readonly Logged[] {
  const lines = readFileSync(file, { encoding: "utf8", flag: "a+" }).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Logged);
}
