import { DIGEST_BYTES } from './digest.ts';
import type { Verdict } from './visitor-window.ts';

/**
 * What the last N offsets of an input partition held. It finds what the visitor's window is too small for: a shipper that starts
 * again can repeat thousands of lines; and the retries of events without a visitor, which have no window of their own.
 *
 * An entry counts from its offset to N offsets later, whatever the batches were, so what is found is a pure function of the
 * records. It is stored in segments, one a batch, under the partition's mark.
 */
export class PartitionWindow {
  readonly #offsets: number;
  readonly #entries: Entry[] = [];
  /** Entries before this place are gone. */
  #first = 0;
  /** By line its latest entry: one can have come again after it was forgotten, and both be loaded. */
  readonly #lines = new Map<string, Entry>();
  readonly #anonymous = new Map<string, Entry[]>();
  #unsaved: Entry[] = [];

  /** @param offsets how far back an entry counts @param segments as stored, oldest first */
  constructor(offsets: number, segments: readonly Buffer[] = []) {
    this.#offsets = offsets;
    for (const segment of segments) for (const entry of decode(segment)) this.#insert(entry);
  }

  /** Forgets what is too old at this offset. Returns how many of it were read less than `horizonMs` before `timestamp`. */
  advance(offset: number, timestamp: number, horizonMs: number): number {
    let recent = 0;
    while (this.#first < this.#entries.length) {
      const entry = this.#entries[this.#first]!;
      if (entry.offset >= offset - this.#offsets) break;
      this.#first++;
      this.#forget(entry);
      if (timestamp - entry.seconds * 1000 < horizonMs) recent++;
    }
    if (this.#first > this.#offsets) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
    return recent;
  }

  /** True if this event of this line has been read before. @param line digest of request id and index */
  hasLine(line: string): boolean {
    return this.#lines.has(line);
  }

  judgeAnonymous(id: string, print: number): Verdict {
    const seen = this.#anonymous.get(id);
    if (!seen) return 'new';
    return seen.some((entry) => entry.print === print) ? 'retry' : 'collision';
  }

  rememberLine(offset: number, seconds: number, line: string): void {
    this.#remember({ kind: LINE, offset, seconds, id: line, print: 0 });
  }

  rememberAnonymous(offset: number, seconds: number, id: string, print: number): void {
    this.#remember({ kind: ANONYMOUS, offset, seconds, id, print });
  }

  /** What has been remembered since the last call, to be stored; null if nothing. */
  takeSegment(): Buffer | null {
    if (this.#unsaved.length === 0) return null;
    const segment = encode(this.#unsaved);
    this.#unsaved = [];
    return segment;
  }

  #remember(entry: Entry): void {
    this.#unsaved.push(entry);
    this.#insert(entry);
  }

  #insert(entry: Entry): void {
    this.#entries.push(entry);
    if (entry.kind === LINE) {
      this.#lines.set(entry.id, entry);
      return;
    }
    const seen = this.#anonymous.get(entry.id);
    if (seen) seen.push(entry);
    else this.#anonymous.set(entry.id, [entry]);
  }

  #forget(entry: Entry): void {
    if (entry.kind === LINE) {
      if (this.#lines.get(entry.id) === entry) this.#lines.delete(entry.id);
      return;
    }
    const left = this.#anonymous.get(entry.id)!.filter((other) => other !== entry);
    if (left.length === 0) this.#anonymous.delete(entry.id);
    else this.#anonymous.set(entry.id, left);
  }
}

const LINE = 0;
const ANONYMOUS = 1;

interface Entry {
  readonly kind: typeof LINE | typeof ANONYMOUS;
  readonly offset: number;
  readonly seconds: number;
  /** Digest of the line, or of the event id. */
  readonly id: string;
  readonly print: number;
}

/** kind (1) · offset as a double (8) · seconds (4) · id (8) · print (4) */
const ENTRY_BYTES = 17 + DIGEST_BYTES;

function encode(entries: readonly Entry[]): Buffer {
  const segment = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
  entries.forEach((entry, i) => {
    const at = i * ENTRY_BYTES;
    segment.writeUInt8(entry.kind, at);
    segment.writeDoubleLE(entry.offset, at + 1);
    segment.writeUInt32LE(entry.seconds, at + 9);
    segment.write(entry.id, at + 13, 'latin1');
    segment.writeUInt32LE(entry.print, at + 13 + DIGEST_BYTES);
  });
  return segment;
}

function* decode(segment: Buffer): Generator<Entry> {
  for (let at = 0; at < segment.length; at += ENTRY_BYTES) {
    yield {
      kind: segment.readUInt8(at) === LINE ? LINE : ANONYMOUS,
      offset: segment.readDoubleLE(at + 1),
      seconds: segment.readUInt32LE(at + 9),
      id: segment.toString('latin1', at + 13, at + 13 + DIGEST_BYTES),
      print: segment.readUInt32LE(at + 13 + DIGEST_BYTES),
    };
  }
}
