import type { BatchBuilder } from './batch.ts';
import type { TrackedFile } from './tracked-file.ts';

export interface ReaderOptions {
  readonly readBytes: number;
  readonly clock: () => number;
  /** Reading stops at the next line boundary once it is aborted. */
  readonly signal: AbortSignal;
  /**
   * A complete JSON object at the end of a file is a line even without its newline: for files given by hand, which an
   * editor may have saved so. In a rotated file it is the writer's death that left it.
   */
  readonly acceptUnterminated: boolean;
  /** Called when the batch is full; reading goes on when it resolves. */
  onFull(): Promise<void>;
  /** The content is not what was shipped before; reading goes on at its beginning. */
  onReplaced(file: TrackedFile, unread: { from: number; to: number }): void;
}

/** Reads files into batches, one chunk ahead at most. */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #batch: BatchBuilder;
  readonly #chunk: Buffer;

  constructor(batch: BatchBuilder, options: ReaderOptions) {
    this.#options = options;
    this.#batch = batch;
    this.#chunk = Buffer.allocUnsafeSlow(options.readBytes);
  }

  /**
   * Hands out the lines of an open file up to the size it has now; an unterminated end stays in the splitter.
   *
   * @returns whether there was anything
   */
  async drain(file: TrackedFile): Promise<boolean> {
    const { signal, onReplaced } = this.#options;
    file.measure();
    let until = file.size;
    const from = file.offset;
    file.dropUnterminated();
    while (!signal.aborted) {
      const outcome = file.read(this.#chunk, until);
      if (outcome === 'end') {
        file.readTo = until;
        break;
      }
      if (outcome === 'replaced') {
        onReplaced(file, { from: file.offset, to: file.knownEnd });
        file.startAnew();
        until = file.size;
      } else {
        await this.#takeLines(file);
      }
    }
    return file.offset !== from;
  }

  /** The end of a file that will get no newline any more: it counts as torn. Opens nothing. */
  async giveUpTornEnd(file: TrackedFile): Promise<void> {
    await this.drain(file);
    const rest = file.splitter.rest();
    if (rest === null || this.#options.signal.aborted) return;
    const { path, offset } = file;
    const time = this.#options.clock();
    if (this.#options.acceptUnterminated && isJsonObject(rest.whole)) {
      const line = { source: rest.whole, start: 0, end: rest.whole.length, lineOffset: offset };
      this.#batch.addLine(line, path, time);
    } else {
      this.#batch.addTorn({ path, offset, time }, rest);
    }
    file.passUnterminated();
    file.readTo = file.offset;
    if (this.#batch.isFull) await this.#options.onFull();
  }

  async #takeLines(file: TrackedFile): Promise<void> {
    const { splitter } = file;
    const time = this.#options.clock();
    for (let kind = splitter.next(); kind !== null; kind = splitter.next()) {
      if (kind === 'line') this.#batch.addLine(splitter, file.path, time);
      else this.#batch.addOversized(splitter, file.path, time);
      if (!this.#batch.isFull) continue;
      await this.#options.onFull();
      if (this.#options.signal.aborted) return;
    }
  }
}

function isJsonObject(bytes: Buffer | null): bytes is Buffer {
  try {
    return bytes !== null && typeof JSON.parse(bytes.toString()) === 'object';
  } catch {
    return false;
  }
}
