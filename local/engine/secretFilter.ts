import { hasSecret, isList, isObject, isSecret, stripSecrets, type Value } from "./value";

/** Shorter strings would blot out half of every message and guard nothing. */
const CHARACTERS_MIN = 8;

/** Replaces every secret this run has seen by `[secret]`, in whatever is said to people. */
export class SecretFilter {
  readonly #texts = new Set<string>();

  /** Learns the secrets inside a value; all of it where it is secret as a whole. */
  learn(value: Value | undefined): void {
    if (!hasSecret(value) || value === undefined) return;
    if (isSecret(value)) this.#learnAll(stripSecrets(value));
    else if (isList(value)) value.forEach((each) => this.learn(each));
    else if (isObject(value)) Object.values(value).forEach((each) => this.learn(each));
  }

  learnText(text: string): void {
    this.#learnAll(text);
  }

  apply(text: string): string {
    // Longest first: a bundle goes as a whole before the tokens in it.
    const texts = [...this.#texts].sort((a, b) => b.length - a.length);
    return texts.reduce((filtered, secret) => filtered.replaceAll(secret, "[secret]"), text);
  }

  #learnAll(value: Value): void {
    if (isList(value)) value.forEach((each) => this.#learnAll(each));
    else if (isObject(value)) Object.values(value).forEach((each) => this.#learnAll(each));
    if (typeof value !== "string" || value.length < CHARACTERS_MIN) return;
    this.#texts.add(value);
    if (!/^\s*[[{]/.test(value)) return;
    try {
      // JSON inside a string, as in a credential bundle: what is in it is as secret.
      this.#learnJson(JSON.parse(value) as Value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }

  /** Only what looks like a credential: names and dates in a bundle are no secrets. */
  #learnJson(value: Value): void {
    if (isList(value)) value.forEach((each) => this.#learnJson(each));
    else if (isObject(value)) Object.values(value).forEach((each) => this.#learnJson(each));
    else if (typeof value === "string" && /sig=|AccountKey=/.test(value)) this.#texts.add(value);
  }
}
