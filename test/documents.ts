import { readFileSync, writeFileSync } from "node:fs";

/** A page with what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->` replaced. Throws without the pair. */
export function withSection(page: string, name: string, body: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no lines ${begin} and ${end}: add them where it goes.`);
  return `${page.slice(0, from + begin.length)}\n${body.trim()}\n${page.slice(to)}`;
}

/** Writes measured numbers into a page of the documentation. */
export function writeSection(file: string, name: string, body: string): void {
  writeFileSync(file, withSection(readFileSync(file, "utf8"), name, body));
}
