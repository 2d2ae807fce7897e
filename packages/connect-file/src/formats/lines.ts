const newline = 0x0a;

/** One line of a text, as bytes without its line end. */
export interface Line {
  /** Its beginning only where it is longer than the limit. */
  readonly bytes: Buffer;
  /** The bytes that it takes in the text, with its line end. */
  readonly length: number;
  readonly isTooLong: boolean;
}

/** The lines of a text; the last one need not have a line end. Holds no more than `maxBytes` and a chunk at a time. */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncIterable<Line[]> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let length = 0;
  const hold = (part: Buffer) => {
    length += part.length;
    if (heldBytes > maxBytes) return;
    const kept = part.subarray(0, maxBytes + 1 - heldBytes);
    held.push(kept);
    heldBytes += kept.length;
  };
  const take = (lineEnd: number): Line => {
    const all = held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
    const line = { bytes: withoutReturn(all.subarray(0, maxBytes)), length: length + lineEnd, isTooLong: heldBytes > maxBytes };
    held = [];
    heldBytes = 0;
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    const found: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      hold(chunk.subarray(start, end));
      found.push(take(1));
      start = end + 1;
    }
    if (start < chunk.length) hold(chunk.subarray(start));
    if (found.length > 0) yield found;
  }
  if (length > 0) yield [take(0)];
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}
