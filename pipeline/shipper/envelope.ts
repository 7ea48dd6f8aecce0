import type { FilebeatEnvelope } from '../contracts/envelope.ts';
import { deriveId } from '../contracts/ids.ts';
import { escapedLength, escapeInto, MAX_EXPANSION } from './escape.ts';

/** The version whose envelope and line rules are followed. */
export const FILEBEAT_VERSION = '7.17.29';

/** Longer lines are measured before room is made for them, instead of reserving the worst case. */
const MEASURE_FROM = 16_384;
const ARENA_BYTES = 1_048_576;

/** Who ships: goes into every envelope. */
export interface ShipperIdentity {
  /** The setting `id`. */
  readonly id: string;
  /** Names this process. */
  readonly instance: string;
  readonly hostname: string;
  /** What the host is called in the envelope; as in Filebeat the host name unless set. */
  readonly name: string;
}

/**
 * Writes envelopes as bytes: the line is escaped from one buffer into another, without becoming a string in between.
 * Buffers that were handed out stay as they are.
 */
export class EnvelopeWriter {
  readonly #suffix: Buffer;
  readonly #metadata: string;
  #arena = Buffer.alloc(0);
  #at = 0;
  #path: string | null = null;
  #time = Number.NaN;
  #head = Buffer.alloc(0);
  #neck = Buffer.alloc(0);

  constructor(identity: ShipperIdentity) {
    const sample = envelopeOf(identity, { time: 0, offset: 0, path: '', message: '' });
    const { input, host, agent, ecs } = sample;
    this.#suffix = Buffer.from(`",${JSON.stringify({ input, host, agent, ecs }).slice(1)}`);
    this.#metadata = JSON.stringify(sample['@metadata']);
  }

  /** The lines that follow are of this file and were read at this time (Unix, ms). */
  begin(path: string, time: number): void {
    if (time !== this.#time) {
      const timestamp = new Date(time).toISOString();
      this.#head = Buffer.from(`{"@timestamp":"${timestamp}","@metadata":${this.#metadata},"log":{"offset":`);
      this.#time = time;
    }
    if (path !== this.#path) {
      this.#neck = Buffer.from(`,"file":{"path":${JSON.stringify(path)}}},"message":"`);
      this.#path = path;
    }
  }

  /** The envelope of one line; null when it would be larger than `maxBytes`. */
  write(
    source: Uint8Array,
    start: number,
    end: number,
    offset: number,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Buffer | null {
    const digits = String(offset);
    const around = this.#head.length + digits.length + this.#neck.length + this.#suffix.length;
    let room = (end - start) * MAX_EXPANSION;
    if (end - start > MEASURE_FROM) room = escapedLength(source, start, end);
    if (around + room > maxBytes && around + escapedLength(source, start, end) > maxBytes) return null;

    this.#reserve(around + room);
    const arena = this.#arena;
    const from = this.#at;
    let at = from;
    at += this.#head.copy(arena, at);
    at += arena.write(digits, at, 'latin1');
    at += this.#neck.copy(arena, at);
    at = escapeInto(source, start, end, arena, at);
    at += this.#suffix.copy(arena, at);
    this.#at = at;
    return arena.subarray(from, at);
  }

  #reserve(bytes: number): void {
    if (this.#arena.length - this.#at >= bytes) return;
    this.#arena = Buffer.allocUnsafeSlow(Math.max(ARENA_BYTES, bytes));
    this.#at = 0;
  }
}

/** The envelope as an object: what {@link EnvelopeWriter} writes, said plainly. */
export function envelopeOf(
  identity: ShipperIdentity,
  line: { time: number; offset: number; path: string; message: string },
): FilebeatEnvelope {
  return {
    '@timestamp': new Date(line.time).toISOString(),
    '@metadata': { beat: 'filebeat', type: '_doc', version: FILEBEAT_VERSION },
    log: { offset: line.offset, file: { path: line.path } },
    message: line.message,
    input: { type: 'filestream' },
    host: { name: identity.name },
    agent: {
      type: 'filebeat',
      version: FILEBEAT_VERSION,
      hostname: identity.hostname,
      ephemeral_id: identity.instance,
      id: deriveId('shipper', identity.id),
      name: identity.name,
    },
    ecs: { version: '1.12.0' },
  };
}
