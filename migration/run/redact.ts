/** What stands in a secret's place. */
const HIDDEN = "[redacted]";

/** Shapes that secrets of tables come in, wherever they appear. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  // Also inside a URL that was encoded once more: there a percent escape, not a letter, stands before it. Messages of
  // ours write `(sig=...)` for what is missing.
  [/((?:(?<![A-Za-z])|(?<=%[0-9A-F]{2}))sig(?:=|%3D))(?!\.{3}\))[^&\s"'<>;,)\\]+/gi, `$1${HIDDEN}`],
  [/\b(AccountKey\s*=\s*)[^;\s"'<>\\]+/gi, `$1${HIDDEN}`],
  [/\b(SharedAccessSignature\s*=\s*)[^;\s"'<>\\]+/gi, `$1${HIDDEN}`],
  [/\b(SharedKey(?:Lite)?\s+[\w-]+:)[A-Za-z0-9+/=]+/gi, `$1${HIDDEN}`],
  [/\b(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi, `$1${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  // An account key by its looks: 64 bytes in base64.
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, HIDDEN],
];

/** Shorter than this a "secret" would be found in ordinary words. */
const SECRET_CHARACTERS_MIN = 8;

/** The secrets inside a credential's text, as they stand there and URL-decoded. */
export function secretsIn(text: string): readonly string[] {
  const found = [...text.matchAll(/(?:sig=|AccountKey=)([^&;\s"'\\]+)/gi)].map((match) => match[1] ?? "");
  const decoded = found.flatMap((secret) => {
    // Only what is percent-encoded throughout can be decoded; a key holds no percent sign at all.
    if (!/^(?:[^%]|%[0-7][0-9a-f])*$/i.test(secret)) return [];
    return [decodeURIComponent(secret)];
  });
  return [...new Set([...found, ...decoded])].filter((secret) => secret.length >= SECRET_CHARACTERS_MIN);
}

/**
 * The last line of defence over everything that is printed: messages are written without secrets, and if one slips in
 * all the same (a service echoing a URL), it is hidden here. `known` are secrets to hide wherever they appear.
 */
export function redactor(known: readonly string[]): (text: string) => string {
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  return (text) => {
    const without = longestFirst.reduce((rest, secret) => rest.split(secret).join(HIDDEN), text);
    return SHAPES.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), without);
  };
}
