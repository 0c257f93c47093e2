import { html } from "./markup";
import type { Markup } from "./markup";

/** A value longer than this is cut: the page is to be read. Keys are never cut: they are short. */
export const VALUE_CHARACTERS_MAX = 300;

// Controls, format characters (zero width, right-to-left overrides), line and paragraph separators, private use, lone
// surrogates and what is no character at all: nothing a reader can see, or what would reorder what is seen.
const INVISIBLE = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}])/u;

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Text that comes from a table: isolated from the text around it, and with every invisible character made visible, so
 * that two keys which differ look different, and none can pose as something else.
 */
export function foreign(text: string): Markup {
  if (text === "") return html`<i class="muted">empty</i>`;
  const parts = text.split(INVISIBLE).filter((part) => part !== "");
  return html`<bdi class="foreign">${parts.map((part) =>
    INVISIBLE.test(part) ? html`<span class="unseen">${codePoint(part)}</span>` : part)}</bdi>`;
}

/** A value: cut where it is long, and saying so. */
export function foreignValue(text: string): Markup {
  if (text.length <= VALUE_CHARACTERS_MAX) return foreign(text);
  // Not through the middle of a surrogate pair.
  const cut = text.slice(0, VALUE_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, "");
  return html`${foreign(cut)}<span class="muted"> &hellip; ${text.length.toLocaleString("en-US")} characters</span>`;
}
