/**
 * Markup that is safe by construction: `html` escapes whatever is put into it, unless it is markup already. There is
 * no way to put raw text in but `trusted`, which takes our own constants.
 */
export class Markup {
  constructor(readonly text: string) {}
}

export type Child = Markup | string | number | undefined | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

function render(child: Child): string {
  if (child === undefined) return "";
  if (child instanceof Markup) return child.text;
  if (typeof child === "string" || typeof child === "number") return escapeText(String(child));
  return child.map(render).join("");
}

export function html(strings: TemplateStringsArray, ...children: readonly Child[]): Markup {
  return new Markup(strings.reduce((text, part, index) => text + render(children[index - 1]) + part));
}

/** Our own constants only (the style sheet). */
export function trusted(text: string): Markup {
  return new Markup(text);
}
