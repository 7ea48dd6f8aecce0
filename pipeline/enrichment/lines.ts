/** A line without its end. */
export interface Line {
  /** Its bytes, or as many of them as are kept. */
  readonly bytes: Uint8Array;
  /** Byte offset of its start. */
  readonly offset: number;
  /** Its true length in bytes. */
  readonly length: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Takes a stream apart at its line feeds. A carriage return before one goes with it, empty lines are dropped, the last line needs
 * no end. Of a line longer than `longest` only that many bytes are kept.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let kept = 0;
  let length = 0;
  let offset = 0;

  const keep = (part: Uint8Array): void => {
    length += part.length;
    const room = part.subarray(0, Math.max(0, longest - kept));
    if (room.length === 0) return;
    kept += room.length;
    parts.push(room);
  };
  const finish = (): Line => {
    const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const endsInReturn = length === whole.length && whole[whole.length - 1] === CR;
    const line = {
      bytes: endsInReturn ? whole.subarray(0, -1) : whole,
      offset,
      length: endsInReturn ? length - 1 : length,
    };
    parts = [];
    kept = 0;
    length = 0;
    return line;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      keep(chunk.subarray(from, end));
      from = end + 1;
      const bytes = length + 1;
      const line = finish();
      if (line.length > 0) yield line;
      offset += bytes;
    }
    keep(chunk.subarray(from));
  }
  if (length > 0) {
    const line = finish();
    if (line.length > 0) yield line;
  }
}
