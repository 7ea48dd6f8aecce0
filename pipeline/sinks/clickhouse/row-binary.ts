const MOST_KEPT = 16 << 20;
/** What the length of a text takes at most, bytes. */
const LONGEST_LENGTH = 5;
/** Shorter pieces are copied byte by byte: a call out of JavaScript costs more. */
const SHORT = 40;

/** Writes ClickHouse's RowBinary into one growing buffer. */
export class RowBinaryWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 1 << 16) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What has been written, as a copy of its own; the writer is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  /** Forgets what has been written. */
  clear(): void {
    this.#length = 0;
    // One huge row must not hold its memory for ever.
    if (this.#buffer.length > MOST_KEPT) this.#buffer = Buffer.allocUnsafe(MOST_KEPT);
  }

  /** Forgets what has been written past a length. */
  truncate(length: number): void {
    this.#length = length;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  int32(value: number): void {
    this.#room(4);
    this.#length = this.#buffer.writeInt32LE(value, this.#length);
  }

  uint32(value: number): void {
    this.#room(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** A safe integer as Int64 (or UInt64, when it is not negative). */
  int64(value: number): void {
    this.#room(8);
    const high = Math.floor(value / 2 ** 32);
    this.#buffer.writeUInt32LE(value - high * 2 ** 32, this.#length);
    this.#length = this.#buffer.writeInt32LE(high, this.#length + 4);
  }

  bigInt64(value: bigint): void {
    this.#room(8);
    this.#length = this.#buffer.writeBigInt64LE(value, this.#length);
  }

  float64(value: number): void {
    this.#room(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  text(value: string): void {
    const most = value.length * 3;
    this.#room(most + LONGEST_LENGTH);
    if (most < 128) {
      const bytes = this.#buffer.write(value, this.#length + 1);
      this.#buffer[this.#length] = bytes;
      this.#length += 1 + bytes;
      return;
    }
    const bytes = this.#buffer.write(value, this.#length + LONGEST_LENGTH);
    this.#longLength(bytes, this.#length);
    this.#length += LONGEST_LENGTH + bytes;
  }

  bytes(value: Buffer): void {
    this.slice(value, 0, value.length);
  }

  /** A text that stands in UTF-8 between two places. */
  slice(bytes: Buffer, start: number, end: number): void {
    this.#room(5);
    let rest = end - start;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#length++] = rest;
    this.piece(bytes, start, end);
  }

  /** Begins a text made of pieces and bytes; `closeText` with what this returns ends it. */
  openText(): number {
    this.#room(LONGEST_LENGTH);
    this.#length += LONGEST_LENGTH;
    return this.#length;
  }

  piece(bytes: Buffer, start: number, end: number): void {
    this.#room(end - start);
    if (end - start > SHORT) bytes.copy(this.#buffer, this.#length, start, end);
    else for (let i = start, to = this.#length; i < end; ) this.#buffer[to++] = bytes[i++]!;
    this.#length += end - start;
  }

  closeText(opened: number): void {
    this.#longLength(this.#length - opened, opened - LONGEST_LENGTH);
  }

  /** Bytes without their length, for FixedString. */
  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A length that stands before its text, but is known only after it: in as many bytes as any takes. */
  #longLength(length: number, at: number): void {
    let rest = length;
    for (let i = 0; i < LONGEST_LENGTH - 1; i++) {
      this.#buffer[at + i] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[at + LONGEST_LENGTH - 1] = rest;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
