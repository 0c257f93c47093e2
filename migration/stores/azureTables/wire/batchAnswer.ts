/** One sub-response of a batch. */
export interface SubAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Lines of a multipart text. Services end them with \r\n, some with a bare \n; both count. */
class Lines {
  private at = 0;

  constructor(private readonly text: string) {}

  /** The next line without its ending; undefined at the end. */
  next(): string | undefined {
    if (this.at >= this.text.length) return undefined;
    const found = this.text.indexOf("\n", this.at);
    const end = found < 0 ? this.text.length : found;
    const line = this.text.slice(this.at, this.text[end - 1] === "\r" ? end - 1 : end);
    this.at = end + 1;
    return line;
  }
}

/** The boundary that a Content-Type names. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? "");
  return match?.[1] ?? match?.[2];
}

function readHeaders(lines: readonly string[], from: number): { headers: Map<string, string>; next: number } {
  const headers = new Map<string, string>();
  let i = from;
  for (; i < lines.length && lines[i] !== ""; i++) {
    const line = lines[i] as string;
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, next: i + 1 };
}

/**
 * The parts between the lines `--boundary`, as lines; undefined unless `--boundary--` closes them.
 * Text before the first and after the last is ignored.
 */
function partsOf(lines: Iterable<string>, boundary: string): string[][] | undefined {
  const parts: string[][] = [];
  for (const line of lines) {
    const trimmed = line.trimEnd();
    if (trimmed === `--${boundary}--`) return parts;
    if (trimmed === `--${boundary}`) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  return undefined;
}

function* iterate(lines: Lines): Iterable<string> {
  for (let line = lines.next(); line !== undefined; line = lines.next()) yield line;
}

function httpAnswer(lines: readonly string[], from: number): SubAnswer | undefined {
  let i = from;
  while (i < lines.length && lines[i]?.trim() === "") i++;
  const status = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(lines[i] ?? "")?.[1];
  if (status === undefined) return undefined;
  const { headers, next } = readHeaders(lines, i + 1);
  return { status: Number(status), headers, body: lines.slice(next).join("\n").trim() };
}

function answersOfPart(part: readonly string[]): SubAnswer[] | undefined {
  let first = 0;
  while (first < part.length && part[first] === "") first++;
  const { headers, next } = readHeaders(part, first);
  const inner = boundaryOf(headers.get("content-type"));
  if (inner === undefined) {
    const answer = httpAnswer(part, next);
    return answer && [answer];
  }
  const parts = partsOf(part.slice(next), inner);
  const answers = parts?.map((lines) => answersOfPart(lines));
  return answers === undefined || answers.some((answer) => answer === undefined)
    ? undefined : answers.flatMap((answer) => answer ?? []);
}

/**
 * The sub-responses of a batch, in order. Undefined when the text is not a whole multipart answer: cut off, without
 * its closing lines, or something else altogether. The caller must not take that for success.
 */
export function parseBatchAnswer(contentType: string | undefined, text: string): SubAnswer[] | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const parts = partsOf(iterate(new Lines(text)), boundary);
  const answers = parts?.map((part) => answersOfPart(part));
  if (answers === undefined || answers.some((answer) => answer === undefined)) return undefined;
  return answers.flatMap((answer) => answer ?? []);
}
