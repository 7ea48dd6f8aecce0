const SLAB_BYTES = 1 << 20;
/** Shorter pieces are copied byte by byte: a call out of JavaScript costs more. */
const SHORT = 40;

/** Of a longer text it is worth counting the bytes before room is made for it, characters. */
const LONG = 1 << 16;

/**
 * Writes texts one after the other into large pieces of memory and hands each out as a part of one: for texts of some kB an
 * allocation each costs as much as writing them.
 */
export class ByteWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #start = 0;
  #at = 0;

  /** Begins a text; one that was begun and not taken is dropped. */
  begin(): void {
    this.#at = this.#start;
  }

  byte(byte: number): void {
    if (this.#at === this.#slab.length) this.#grow(1);
    this.#slab[this.#at++] = byte;
  }

  copy(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.#at + length > this.#slab.length) this.#grow(length);
    const slab = this.#slab;
    if (length > SHORT) bytes.copy(slab, this.#at, start, end);
    else for (let from = start, to = this.#at; from < end; ) slab[to++] = bytes[from++]!;
    this.#at += length;
  }

  text(text: string): void {
    const most = text.length > LONG ? Buffer.byteLength(text) : 3 * text.length;
    if (this.#at + most > this.#slab.length) this.#grow(most);
    this.#at += this.#slab.write(text, this.#at);
  }

  /** The text written, which is its taker's from now on. */
  take(): Buffer {
    const text = this.#slab.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return text;
  }

  #grow(by: number): void {
    const written = this.#at - this.#start;
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (written + by)));
    this.#slab.copy(slab, 0, this.#start, this.#at);
    this.#slab = slab;
    this.#start = 0;
    this.#at = written;
  }
}
