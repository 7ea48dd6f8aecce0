/** Told once what became of a line. Must not throw. */
export interface LineWaiter {
  /** The line is in the file. */
  lineWritten(): void;
  /** The line is not in the file, or not known to be. */
  lineLost(): void;
}

/** Lines that wait to be written, and who waits for them. Lines are latin1: a character is a byte. */
export class LineQueue {
  /** Of all lines that wait. */
  bytes = 0;
  private lines: string[] = [];
  private waiters: LineWaiter[] = [];

  get length(): number {
    return this.lines.length;
  }

  add(line: string, waiter: LineWaiter): void {
    this.lines.push(line);
    this.waiters.push(waiter);
    this.bytes += line.length;
  }

  /** Takes the first lines out, as many as fit into so many bytes, one at least. */
  take(maxBytes: number): LineBatch {
    let count = 0;
    let bytes = 0;
    if (this.bytes <= maxBytes) {
      count = this.lines.length;
      bytes = this.bytes;
    } else {
      do bytes += this.lines[count++]!.length;
      while (count < this.lines.length && bytes + this.lines[count]!.length <= maxBytes);
    }
    const lines = this.lines;
    const waiters = this.waiters;
    this.lines = count === lines.length ? [] : lines.splice(count);
    this.waiters = count === waiters.length ? [] : waiters.splice(count);
    this.bytes -= bytes;
    return new LineBatch(lines, waiters, bytes);
  }
}

/** Lines of one write. */
export class LineBatch {
  readonly bytes: number;
  private readonly lines: readonly string[];
  private readonly waiters: readonly LineWaiter[];

  constructor(lines: readonly string[], waiters: readonly LineWaiter[], bytes: number) {
    this.lines = lines;
    this.waiters = waiters;
    this.bytes = bytes;
  }

  copyTo(buffer: Buffer): void {
    let at = 0;
    for (const line of this.lines) at += buffer.write(line, at, 'latin1');
  }

  /** How many of the first so many bytes are whole lines. */
  wholeLineBytes(written: number): number {
    let whole = 0;
    for (const line of this.lines) {
      if (whole + line.length > written) break;
      whole += line.length;
    }
    return whole;
  }

  /** Tells everybody: the lines within the first so many bytes are written, the others lost. */
  settle(written: number): void {
    let end = 0;
    for (let i = 0; i < this.lines.length; i++) {
      end += this.lines[i]!.length;
      if (end <= written) this.waiters[i]!.lineWritten();
      else this.waiters[i]!.lineLost();
    }
  }
}
