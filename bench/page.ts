import { readFile, writeFile } from "node:fs/promises";

const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

/** Puts the tables between a page's markers. Throws where it has none. */
export async function writePage(file: string, tables: string): Promise<void> {
  const page = await readFile(file, "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} lacks the lines ${BEGIN} and ${END}: add them.`);
  await writeFile(file, `${page.slice(0, begin + BEGIN.length)}\n${tables}\n${page.slice(end)}`);
}
