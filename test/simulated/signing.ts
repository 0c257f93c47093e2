import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 over UTF-8 text with a base64 account key, as base64. */
export function sign(text: string, key: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

/** True where one of the keys made this signature. */
export function signedByAny(keys: readonly string[], text: string, signature: string): boolean {
  const given = Buffer.from(signature, "base64");
  return keys.some((key) => {
    const wanted = Buffer.from(sign(text, key), "base64");
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  });
}
