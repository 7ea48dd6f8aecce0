import type { Diagnostics } from '../contracts/running.ts';
import { LineQueue, type LineWaiter } from './line-queue.ts';
import type { LogFile, LogFiles } from './log-file.ts';
import { RareWarning } from './rare-warning.ts';
import { removeOldLogs, rotatedLogName } from './rotation.ts';

export interface LogWriterOptions {
  readonly path: string;
  readonly files: LogFiles;
  readonly diagnostics: Diagnostics;
  readonly now: () => number;
  /** Whether a line counts as written only when it is on the disk. */
  readonly fsync: boolean;
  /** Bytes at which the file is rotated; 0: never. */
  readonly rotateSize: number;
  /** Rotated files to keep; 0: all. */
  readonly rotateKeep: number;
  /** Bytes of lines that may wait; a line beyond them is refused. */
  readonly maxQueuedBytes: number;
}

const MAX_BATCH_BYTES = 4_194_304;
/** After a rotation that failed, ms until the next attempt. */
const ROTATION_RETRY_MS = 10_000;

/**
 * Appends whole lines to the access log. Group commit: one write at a time, and what arrives meanwhile is the next one.
 *
 * What holds after every write, also after one that failed half-way and whatever moment the process dies in: a line whose
 * waiter was told `lineWritten` is in the file, whole; the file has at most one torn line, at its end, and before
 * anything is written behind it, it is cut off or, where that fails, ended. Whole lines of a failed write
 * stay and count as written: a reader may have seen them, and a file that shrinks below a reader's position looks like a new one.
 */
export class LogWriter {
  private readonly options: LogWriterOptions;
  private readonly queue = new LineQueue();
  private readonly errands: (() => Promise<void>)[] = [];
  private readonly writeWarning: RareWarning;
  private file: LogFile;
  private size: number;
  /** Bytes of an unended line at the file's end. */
  private torn = 0;
  private scratch = Buffer.allocUnsafeSlow(1_048_576);
  private running: Promise<void> | undefined;
  private closed = false;
  private rotations = 0;
  private nextRotation = 0;
  /** The file was renamed, but no new one could be opened yet. */
  private renamed = false;

  /** @throws the file system's error if the log cannot be opened or written. */
  static async open(options: LogWriterOptions): Promise<LogWriter> {
    const file = await options.files.open(options.path);
    if (options.fsync) await options.files.syncFolder(options.path);
    return new LogWriter(options, file, await file.size());
  }

  private constructor(options: LogWriterOptions, file: LogFile, size: number) {
    this.options = options;
    this.file = file;
    this.size = size;
    this.writeWarning = new RareWarning(options.diagnostics, options.now);
  }

  /**
   * Takes a line (latin1, with its newline); the waiter is told what became of it. False if there is no room for it: then
   * the waiter is told nothing.
   */
  append(line: string, waiter: LineWaiter): boolean {
    if (this.closed || this.queue.bytes + line.length > this.options.maxQueuedBytes) return false;
    this.queue.add(line, waiter);
    this.start();
    return true;
  }

  /** Bytes of lines that wait. */
  get queuedBytes(): number {
    return this.queue.bytes;
  }

  /** How often the file was rotated by size. */
  get rotated(): number {
    return this.rotations;
  }

  /** Goes on in a new file of the log's name, after someone has renamed the present one. */
  async reopen(): Promise<void> {
    if (!this.closed) await this.between(() => this.openAnew());
  }

  /** Writes what waits, then closes the file. Lines that come later are refused. */
  async close(): Promise<void> {
    if (this.closed) return this.running;
    this.closed = true;
    await this.between(async () => {
      while (this.queue.length > 0) await this.writeBatch();
      await this.file.close();
    });
  }

  /** Does something while no write is under way. */
  private between(errand: () => Promise<void>): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.errands.push(() => errand().then(resolve, reject));
    this.start();
    return promise;
  }

  private start(): void {
    // Everything that one turn of the event loop brings goes into one write.
    this.running ??= new Promise((resolve) => setImmediate(() => resolve(this.run())));
  }

  private async run(): Promise<void> {
    for (;;) {
      const errand = this.errands.shift();
      if (errand !== undefined) await errand();
      else if (this.queue.length > 0) await this.writeBatch();
      else break;
      if (this.rotationIsDue()) await this.rotate();
    }
    this.running = undefined;
  }

  private async writeBatch(): Promise<void> {
    const batch = this.queue.take(MAX_BATCH_BYTES);
    if (batch.bytes > this.scratch.length) this.scratch = Buffer.allocUnsafeSlow(batch.bytes);
    batch.copyTo(this.scratch);
    let written = 0;
    try {
      await this.mend();
      while (written < batch.bytes) {
        const count = await this.file.write(this.scratch, written, batch.bytes - written);
        if (count === 0) throw new Error('the file system took no byte');
        written += count;
      }
      if (this.options.fsync) await this.file.sync();
      this.size += written;
      batch.settle(written);
    } catch (error) {
      const whole = batch.wholeLineBytes(written);
      this.torn += written - whole;
      this.size += written;
      await this.mend().catch(() => {});
      this.writeWarning.error(`${this.options.path} cannot be written; requests are answered 503`, error);
      // Where the disk was asked for, a line that is only in the file is not written: it stays, but nobody is told so.
      batch.settle(this.options.fsync ? 0 : whole);
    }
  }

  /** Cuts off the torn line at the end; where the file cannot be cut, ends it. */
  private async mend(): Promise<void> {
    if (this.torn === 0) return;
    try {
      const end = (await this.file.size()) - this.torn;
      await this.file.truncate(end);
      this.size = end;
    } catch {
      if ((await this.file.write(Buffer.from('\n'), 0, 1)) === 0) throw new Error('the line cannot be ended');
      this.size++;
    }
    this.torn = 0;
  }

  private rotationIsDue(): boolean {
    const { rotateSize, now } = this.options;
    if (rotateSize === 0 || this.closed || this.torn > 0) return false;
    return (this.renamed || this.size >= rotateSize) && now() >= this.nextRotation;
  }

  private async rotate(): Promise<void> {
    const { path, files, now, diagnostics, rotateKeep } = this.options;
    try {
      if (!this.renamed) await files.rename(path, await rotatedLogName(files, path, now()));
      this.renamed = true;
      await this.openAnew();
      this.rotations++;
      await removeOldLogs(files, path, rotateKeep);
    } catch (error) {
      // Nothing is lost: the file that is open goes on being written, under whichever name it has now.
      this.nextRotation = now() + ROTATION_RETRY_MS;
      diagnostics.warn(`${path} could not be rotated`, { error: String(error) });
    }
  }

  private async openAnew(): Promise<void> {
    const { path, files, fsync } = this.options;
    const file = await files.open(path);
    const size = await file.size();
    if (fsync) await files.syncFolder(path);
    await this.mend().catch(() => {});
    const old = this.file;
    this.file = file;
    this.size = size;
    this.torn = 0;
    this.renamed = false;
    await old.close();
  }
}
