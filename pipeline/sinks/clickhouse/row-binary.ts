const MOST_KEPT = 16 << 20;

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
    this.#room(most + 5);
    if (most < 128) {
      const bytes = this.#buffer.write(value, this.#length + 1);
      this.#buffer[this.#length] = bytes;
      this.#length += 1 + bytes;
      return;
    }
    // The length stands before the text and is known only after it: five bytes hold any.
    const bytes = this.#buffer.write(value, this.#length + 5);
    let rest = bytes;
    for (let i = 0; i < 4; i++) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
    this.#length += bytes;
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length + 5);
    let rest = value.length;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#length++] = rest;
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** Bytes without their length, for FixedString. */
  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
