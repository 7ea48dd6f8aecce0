import type { RowBinaryWriter } from './row-binary.ts';

const COMMA = 0x2c;

/** Members of an object, as they stand in its text; neighbours become one slice. */
export class Slices {
  /** Begin and end of each. */
  #bounds: number[] = [];
  #count = 0;

  get empty(): boolean {
    return this.#count === 0;
  }

  clear(): void {
    this.#count = 0;
  }

  add(start: number, end: number): void {
    const bounds = this.#bounds;
    // Between neighbours there is only the comma.
    if (this.#count > 0 && bounds[this.#count - 1]! + 1 === start) bounds[this.#count - 1] = end;
    else {
      bounds[this.#count++] = start;
      bounds[this.#count++] = end;
    }
  }

  /** Writes them with commas between. */
  write(writer: RowBinaryWriter, text: Buffer): void {
    for (let i = 0; i < this.#count; i += 2) {
      if (i > 0) writer.byte(COMMA);
      writer.piece(text, this.#bounds[i]!, this.#bounds[i + 1]!);
    }
  }
}
