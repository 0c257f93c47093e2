/**
 * Text of others on a terminal: control characters (escape sequences too) and those that reorder what is read are
 * shown as `\u{1b}`, so that a key or a message can neither colour, move nor fake what landbridge prints.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
    character === "\n" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
