/** Reads the protocol's types out of a buffer. Bytes are views, not copies. */
export class ByteReader {
  at = 0;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get left(): number {
    return this.#buffer.length - this.at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  /** An integer of 64 bits; exact where it is a safe integer, as offsets and times are. */
  int64(): number {
    const at = this.#take(8);
    return this.#buffer.readInt32BE(at) * 2 ** 32 + this.#buffer.readUInt32BE(at + 4);
  }

  /** All 64 bits: producer ids are only compared. */
  int64Exact(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8));
  }

  string(): string {
    return this.slice(this.int16()).toString();
  }

  uvarint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#buffer[this.#take(1)]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** A signed integer in zigzag encoding. */
  varint(): number {
    const value = this.uvarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Bytes behind their length as varint; -1: null. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.slice(length);
  }

  slice(length: number): Buffer {
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const at = this.at;
    if (length < 0 || at + length > this.#buffer.length)
      throw new RangeError('the answer of the broker ends early');
    this.at = at + length;
    return at;
  }
}
