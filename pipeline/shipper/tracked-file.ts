import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Batch } from './batch.ts';
import type { FoundFile } from './directory.ts';
import { LineSplitter } from './lines.ts';
import { FINGERPRINT_BYTES, type FilePosition } from './state.ts';

/** Two writes within a tick of the kernel's clock (10 ms at most) may leave the same time of modification. */
const CLOCK_TICK_MS = 20;

/** What a look at the file's bytes found. */
export type ReadOutcome =
  /** Bytes were fed to the splitter. */
  | 'read'
  /** There is no more. */
  | 'end'
  /** The content is not what was shipped before: reading starts anew at 0. */
  | 'replaced';

/** One file of the access log: which it is, how far it has been handed out, and its open descriptor while it has one. */
export class TrackedFile {
  readonly key: string;
  readonly device: string;
  readonly inode: string;
  readonly splitter: LineSplitter;
  path: string;
  live: boolean;
  /** No path leads to it any more. */
  gone = false;
  /** Size when last looked at. */
  size: number;
  /** How far the content reached that this file is known by; beyond `offset` it has not been handed out. */
  knownEnd = 0;
  /** Size up to which it has been read, and found to hold no further whole line; -1: not looked at yet. */
  readTo = -1;
  /** When it was last seen to change (monotonic clock, ms). */
  changedAt: number;
  /** See {@link FoundFile.version}. */
  version: string;
  /** The batch with what was last handed out; null: nothing was since the committed position. */
  handedOutIn: Pick<Batch, 'committed'> | null = null;

  #fd: number | null = null;
  /** Time of the last modification when last looked at, ms. */
  #modified = 0;
  /** The bytes [0, min(FINGERPRINT_BYTES, read so far)) as they were read. */
  readonly #head = Buffer.alloc(FINGERPRINT_BYTES);
  #entry: { text: string; position: FilePosition } | null = null;
  #fingerprint: FilePosition['fingerprint'] = { length: 0, sha256: sha256(Buffer.alloc(0)) };

  constructor(found: FoundFile, maxLineBytes: number) {
    this.key = found.key;
    this.device = found.device;
    this.inode = found.inode;
    this.path = found.path;
    this.live = found.live;
    this.size = found.size;
    this.version = found.version;
    this.changedAt = performance.now();
    this.splitter = new LineSplitter(maxLineBytes);
  }

  /** Everything before it has been handed out. */
  get offset(): number {
    return this.splitter.offset;
  }

  get isOpen(): boolean {
    return this.#fd !== null;
  }

  /** Whether the event log has everything that was handed out. */
  get isCommitted(): boolean {
    return this.handedOutIn?.committed ?? true;
  }

  /** Opens the file under its path. False when that path leads to another file by now, or to none. */
  open(): boolean {
    if (this.#fd !== null) return true;
    let fd: number;
    try {
      fd = openSync(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const { dev, ino } = fstatSync(fd, { bigint: true });
    if (`${dev}:${ino}` !== this.key) {
      closeSync(fd);
      return false;
    }
    this.#fd = fd;
    return true;
  }

  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
  }

  /**
   * Looks at the open file. It is to be read again when it may have changed, even if it has the size it had: somebody may have
   * cut it and written as much again.
   */
  measure(): void {
    if (this.#fd === null) return;
    const { size, mtimeMs } = fstatSync(this.#fd);
    if (size !== this.size) this.changedAt = performance.now();
    const mayHaveChanged = mtimeMs !== this.#modified || Math.abs(Date.now() - mtimeMs) < CLOCK_TICK_MS;
    if (mayHaveChanged) this.readTo = -1;
    this.size = size;
    this.#modified = mtimeMs;
  }

  /**
   * Goes to the recorded position if the content is still what was shipped, else to the beginning. Opens the file.
   *
   * @returns false when there was a position that does not fit
   */
  restore(position: FilePosition | undefined): boolean {
    this.readTo = -1;
    this.handedOutIn = null;
    if (position === undefined || position.offset === 0) {
      this.startAnew();
      return true;
    }
    const { length, sha256: expected } = position.fingerprint;
    const head = this.#readHead(length);
    if (fstatSync(this.#fd!).size < position.offset || head.length < length || sha256(head) !== expected) {
      this.startAnew();
      return false;
    }
    head.copy(this.#head);
    this.#fingerprint = position.fingerprint;
    this.splitter.reset(position.offset);
    return true;
  }

  /** Forgets what was read: the next byte is the file's first. */
  startAnew(): void {
    this.splitter.reset(0);
    this.knownEnd = 0;
    this.#fingerprint = { length: 0, sha256: sha256(Buffer.alloc(0)) };
    this.readTo = -1;
  }

  /**
   * Goes back to the beginning of the line that is not complete: a collector that could not write a whole line cuts it
   * back, so bytes after the last newline may change.
   */
  dropUnterminated(): void {
    if (!this.splitter.skipping) this.splitter.reset(this.offset);
  }

  /**
   * Reads on, at most to `until`, and feeds the splitter. `chunk` belongs to the splitter until it has no more lines.
   * What was read counts only if the file still begins with what was shipped, looked at after the read: then a
   * truncation can only have come later.
   */
  read(chunk: Buffer, until: number): ReadOutcome {
    const at = this.splitter.readAt;
    const wanted = Math.min(chunk.length, until - at);
    const bytes = wanted > 0 ? readSync(this.#fd!, chunk, 0, wanted, at) : 0;
    this.size = fstatSync(this.#fd!).size;
    if (this.size < this.offset || !this.#beginsAsShipped()) return 'replaced';
    this.knownEnd = this.size;
    if (this.size < at + bytes) {
      // An incomplete line was cut back.
      this.splitter.reset(this.offset);
      return 'end';
    }
    if (bytes === 0) return 'end';
    if (at < FINGERPRINT_BYTES) chunk.copy(this.#head, at, 0, Math.min(bytes, FINGERPRINT_BYTES - at));
    this.splitter.feed(chunk.subarray(0, bytes));
    return 'read';
  }

  /** The unterminated end has been given up as torn: it is behind us. */
  passUnterminated(): void {
    this.splitter.reset(this.splitter.readAt);
  }

  /** This file's entry in the state, as JSON text. */
  entry(): string {
    const { offset, path } = this;
    const length = Math.min(FINGERPRINT_BYTES, offset);
    if (this.#fingerprint.length !== length) {
      this.#fingerprint = { length, sha256: sha256(this.#head.subarray(0, length)) };
    }
    const { position: known, text: written } = this.#entry ?? {};
    // Another content may reach the same offset under the same path: its fingerprint is another object.
    if (
      written !== undefined &&
      known?.offset === offset &&
      known.path === path &&
      known.fingerprint === this.#fingerprint
    ) {
      return written;
    }
    const position: FilePosition = {
      device: this.device,
      inode: this.inode,
      fingerprint: this.#fingerprint,
      offset,
      path,
    };
    const text = JSON.stringify(position);
    this.#entry = { text, position };
    return text;
  }

  #readHead(length: number): Buffer {
    const head = Buffer.alloc(length);
    return head.subarray(0, readSync(this.#fd!, head, 0, length, 0));
  }

  #beginsAsShipped(): boolean {
    const length = Math.min(FINGERPRINT_BYTES, this.offset);
    return this.#readHead(length).equals(this.#head.subarray(0, length));
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
