/**
 * An answer's body as text; undefined as soon as it is longer than `bytesMax`, and the rest is not read: whoever
 * answers need not say before how long it is. Throws what the connection throws.
 */
export async function boundedText(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    // Leaving the loop early closes the stream.
    if (bytes > bytesMax) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
