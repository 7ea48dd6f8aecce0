import { createHash, type Hash } from 'node:crypto';

const LF = 0x0a;
const CR = 0x0d;

/** How much of a line that is too long, or torn, is kept to look at. */
export const HEAD_BYTES = 1024;

/** What is kept of bytes that are not shipped as a line. */
export interface Remainder {
  /** The first bytes, at most {@link HEAD_BYTES}; all of them where `whole` is there. */
  readonly head: Buffer;
  /** All bytes, where they were few enough to be kept. */
  readonly whole: Buffer | null;
  /** SHA-256 of all bytes, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Cuts bytes into lines by Filebeat's rules: a line ends at LF, the CR of CRLF is not part of it, empty lines are dropped,
 * an unterminated end waits. A line longer than the limit is skipped to its end in constant memory.
 *
 * Usage: `reset(offset)`, then for every chunk `feed(chunk)` and `next()` until it gives null. A line that lies
 * within one chunk is not copied: `source`, `start` and `end` say where it is until the next call.
 */
export class LineSplitter {
  /** Where the bytes of the current line are. */
  source: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Byte offset in the file of the current line's first byte. */
  lineOffset = 0;
  /** Everything before this offset has been handed out: where to read again after a stop. */
  offset = 0;
  /** The offset of the next byte to be fed. */
  readAt = 0;
  /** What is kept of the current line when it was too long. */
  oversized: Remainder | null = null;

  readonly #maxLineBytes: number;
  #chunk: Buffer = Buffer.alloc(0);
  #cursor = 0;
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #skipping: { head: Buffer; hash: Hash } | null = null;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** True while the beginning of a line that is too long has been passed over, and its end not yet seen. */
  get skipping(): boolean {
    return this.#skipping !== null;
  }

  /** Forgets everything; the next byte fed is the one at `offset`, where a line begins. */
  reset(offset: number): void {
    this.offset = offset;
    this.readAt = offset;
    this.oversized = null;
    this.#chunk = Buffer.alloc(0);
    this.#cursor = 0;
    this.#carried = [];
    this.#carriedBytes = 0;
    this.#skipping = null;
  }

  /** Takes the next bytes; the chunk before must have been used up. The chunk may be overwritten once `next` gave null. */
  feed(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#cursor = 0;
    this.readAt += chunk.length;
  }

  /** The kind of the next line, or null when more bytes are needed. */
  next(): 'line' | 'oversized' | null {
    while (this.#cursor < this.#chunk.length) {
      const from = this.#cursor;
      const newline = this.#chunk.indexOf(LF, from);
      if (newline < 0) {
        this.#carry(this.#chunk.subarray(from));
        this.#cursor = this.#chunk.length;
        return null;
      }
      this.#cursor = newline + 1;
      if (this.#skipping || this.#carriedBytes + (newline - from) > this.#maxLineBytes) {
        this.#skip(this.#chunk.subarray(from, newline));
      }
      this.lineOffset = this.offset;
      this.offset = this.readAt - (this.#chunk.length - this.#cursor);
      if (this.#skipping) {
        this.oversized = this.#endSkipping(this.offset - 1 - this.lineOffset);
        return 'oversized';
      }
      this.#place(from, newline);
      if (this.end > this.start) return 'line';
    }
    return null;
  }

  /** The unterminated end, or null when there is none. Leaves it in place. */
  rest(): Remainder | null {
    if (this.#skipping) {
      return {
        head: this.#skipping.head,
        whole: null,
        sha256: this.#skipping.hash.copy().digest('hex'),
        bytes: this.readAt - this.offset,
      };
    }
    if (this.#carriedBytes === 0) return null;
    const whole = Buffer.concat(this.#carried);
    return {
      head: whole.subarray(0, HEAD_BYTES),
      whole,
      sha256: createHash('sha256').update(whole).digest('hex'),
      bytes: whole.length,
    };
  }

  #place(from: number, newline: number): void {
    this.source = this.#chunk;
    this.start = from;
    this.end = newline;
    if (this.#carriedBytes > 0) {
      this.source = Buffer.concat([...this.#carried, this.#chunk.subarray(from, newline)]);
      this.start = 0;
      this.end = this.source.length;
      this.#carried = [];
      this.#carriedBytes = 0;
    }
    if (this.end > this.start && this.source[this.end - 1] === CR) this.end--;
  }

  #carry(part: Buffer): void {
    if (this.#skipping || this.#carriedBytes + part.length > this.#maxLineBytes) {
      this.#skip(part);
    } else {
      this.#carried.push(Buffer.from(part));
      this.#carriedBytes += part.length;
    }
  }

  #skip(part: Buffer): void {
    if (!this.#skipping) {
      const parts = this.#carried;
      const hash = createHash('sha256');
      for (const carried of parts) hash.update(carried);
      this.#skipping = { head: Buffer.concat(parts, Math.min(HEAD_BYTES, this.#carriedBytes)), hash };
      this.#carried = [];
      this.#carriedBytes = 0;
    }
    const { head, hash } = this.#skipping;
    hash.update(part);
    if (head.length < HEAD_BYTES) {
      this.#skipping.head = Buffer.concat([head, part.subarray(0, HEAD_BYTES - head.length)]);
    }
  }

  #endSkipping(bytes: number): Remainder {
    const { head, hash } = this.#skipping!;
    this.#skipping = null;
    return { head, whole: null, sha256: hash.digest('hex'), bytes };
  }
}
